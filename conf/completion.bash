# Completion for bash, of commands and options as `longreel help` says them: /usr/share/bash-completion/completions/longreel
_longreel() {
	local words option='' cur=${COMP_WORDS[COMP_CWORD]} first=${COMP_WORDS[1]-} second=${COMP_WORDS[2]-}
	COMPREPLY=()
	[ "$COMP_CWORD" -lt 2 ] || option=${COMP_WORDS[COMP_CWORD - 1]}
	case $option in
	--data | --*-file | --image | --last | --reference)
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
		;;
	esac
	if [ "$COMP_CWORD" = 1 ]; then
		words="help $("$1" help 2>/dev/null | awk '$1 == "longreel" { print $2 }')"
	elif [[ $cur == -* ]]; then
		words=$("$1" help "$first" 2>/dev/null |
			awk -v second="$second" '$1 == "longreel" && ($3 == second || $3 !~ /^[a-z]/)' | grep -o -- '--[a-z-]*')
	elif [ "$COMP_CWORD" = 2 ]; then
		words=$("$1" help "$first" 2>/dev/null | awk '$1 == "longreel" && $3 ~ /^[a-z]/ { print $3 }')
	else
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}
complete -o filenames -F _longreel longreel
