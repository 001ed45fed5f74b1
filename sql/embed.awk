# Turns the files of sql/ into C, for one engine or for all:
#
#	kind=queries header=FILE                  enum sql_query, for whichever engine
#	kind=queries engine=NAME source=FILE      the texts of the statements for that engine
#	kind=migrations header=FILE               how many migrations there are
#	kind=migrations engine=NAME source=FILE   their texts for that engine
#
# SQL stands once. What an engine writes differently is a line of its own, a comment to all others:
#
#	-- sqlite: INDEXED BY task_user
#
# A statement that is to be had with and without parts of it names these, and marks their lines; it becomes one
# statement for each combination, numbered by the sum of what it has of NOUN_VERB_USER (1), NOUN_VERB_STATUS (2).
# All of them have one text, from which store/sql_text.h makes that of each: a line that not all have begins with
# the byte 1, 128 + the sum of the parts that it goes with, 128 + the sum of those that it does not go with.
#
#	-- options: user status
#	-- user:               AND user_id = :user_id
#	-- sqlite user !status: INDEXED BY task_user
#
# What several statements have in common is a part, and stands where they use it:
#
#	-- part: noun_row
#	-- use: noun_row
#
# Plain POSIX awk; one C literal a line, as awks and compilers have limits. Nothing is written unless all is well.

BEGIN {
	engine_count = split("sqlite postgres", engine_name, " ")
	for (i = 1; i <= engine_count; i++)
		engines[engine_name[i]] = 1
	if (engine != "" && !(engine in engines))
		die("there is no engine " engine)
}

function die(why) {
	print FILENAME ":" FNR ": " why > "/dev/stderr"
	failed = 1
	exit 1
}

function literal(start, line) {
	if (index(line, "\\"))
		die("no backslashes: awks differ in how they double them")
	gsub(/"/, "\\\"", line)
	return "\t\"" start line "\\n\"\n"
}

# The words of a mark, "sqlite user !status"; "" where the line is none.
function mark_of(line,   words, word, i, n, known) {
	if (line !~ /^[ \t]*-- !?[a-z_]+( !?[a-z_]+)*:( |$)/)
		return ""
	sub(/^[ \t]*-- /, "", line)
	sub(/:.*/, "", line)
	n = split(line, words, " ")
	for (i = 1; i <= n; i++) {
		word = words[i]
		sub(/^!/, "", word)
		known = word in engines || (count, word) in option
		if (!known && kind == "migrations")
			return ""
		if (!known)
			die("neither an engine nor an option of this statement: " word " (a comment for people begins with a capital)")
	}
	return line
}

# A line of the text, with the mark that store/sql_text.h goes by; "" where it is another engine's.
function line_of(n, i,   words, word, j, m, no, with, without) {
	m = split(mark[n, i], words, " ")
	for (j = 1; j <= m; j++) {
		word = words[j]
		no = sub(/^!/, "", word)
		if (word in engines && (word == engine) == no)
			return ""
		if (!(word in engines) && no)
			without += option[n, word]
		else if (!(word in engines))
			with += option[n, word]
	}
	return literal(with + without == 0 ? "" : sprintf("\\001\\%03o\\%03o", 128 + with, 128 + without), line_at[n, i])
}

function text_of(n,   i, text) {
	for (i = 1; i <= lines[n]; i++)
		text = text ((n, i) in used ? text_of(part_of(used[n, i])) : line_of(n, i))
	return text
}

function part_of(base) {
	if (!(base in part))
		die("there is no part " base)
	return part[base]
}

function shapes_of(n) {
	return 2 ^ options[n]
}

FNR == 1 && kind == "migrations" {
	base = FILENAME
	sub(/.*\//, "", base)
	sub(/\.sql$/, "", base)
	if (base !~ /^[0-9][0-9][0-9][0-9]_[a-z0-9_]+$/)
		die("a migration is called NNNN_name.sql")
	if (substr(base, 1, 4) + 0 != count + 1)
		die("migrations are numbered without gaps")
	name[++count] = base
}

FNR == 1 && kind == "queries" {
	open = 0
	noun = FILENAME
	sub(/.*\//, "", noun)
	sub(/\.sql$/, "", noun)
}

kind == "queries" && /^-- (name|part): / {
	open = 1
	if (NF != 3 || $3 !~ /^[a-z][a-z0-9_]*$/)
		die("a statement is called by lower-case letters, digits and _")
	if (index($3, noun "_") != 1)
		die("a statement of this file is called " noun "_…")
	if ($3 in seen)
		die("there is another statement " $3)
	seen[$3] = 1
	name[++count] = $3
	if ($2 == "part:")
		part[$3] = count
	next
}

kind == "queries" && open && /^[ \t]*-- use: / {
	used[count, ++lines[count]] = $3
	next
}

kind == "queries" && open && /^-- options: / {
	for (i = 3; i <= NF; i++) {
		option[count, $i] = 2 ^ options[count]
		option_name[count, options[count]++] = $i
	}
	if (options[count] > 7)
		die("seven options are the most")
	next
}

{
	if (kind == "queries" && !open && !/^[ \t]*(--.*)?$/)
		die("SQL before the first -- name:")
	said = mark_of($0)
	# Comments of queries are for people; those of migrations go into the database, where people see them.
	if (said == "" && kind == "queries" && /^[ \t]*(--.*)?$/)
		next
	text = $0
	if (said != "")
		sub(/-- [a-z_! ]*: */, "", text)
	line_at[count, ++lines[count]] = text
	mark[count, lines[count]] = said
}

function write_queries_header(   i, j) {
	print "#ifndef GEN_SQL_QUERIES_H\n#define GEN_SQL_QUERIES_H\n\nenum sql_query {" > header
	for (i = 1; i <= count; i++) {
		if (name[i] in part)
			continue
		print "\tSQL_" toupper(name[i]) "," > header
		if (options[i] > 0)
			print "\tSQL_" toupper(name[i]) "__LAST = SQL_" toupper(name[i]) " + " shapes_of(i) - 1 "," > header
	}
	print "\tSQL__MAX\n};\n" > header
	for (i = 1; i <= count; i++)
		for (j = 0; j < options[i]; j++)
			print "enum { " toupper(name[i] "_" option_name[i, j]) " = " 2 ^ j " };" > header
	print "" > header
	for (i = 1; i <= engine_count; i++)
		print "extern const char *const sql_" engine_name[i] "_queries[SQL__MAX];" > header
	print "\n#endif" > header
}

# Each text is an array of its own, and lies with those of its kind: literals lie among all others of the program.
function write_array(attribute, name, text) {
	print attribute "static const char " name "[] =\n" text "\t;\n" > source
}

# Migrations lie in 64 KB of their own, behind all other constants: the kernel maps as much around what is read, and no process at rest reads
# them.
function place_of(i) {
	return "__attribute__((section(\"migrations\")" (i == 1 ? ", aligned(65536)" : "") ")) "
}

function write_queries(   i, shape, text) {
	print "#include \"sql_queries.h\"\n" > source
	for (i = 1; i <= count; i++) {
		text[i] = text_of(i)
		if (text[i] != "" && !(name[i] in part))
			write_array("", name[i], text[i])
	}
	print "const char *const sql_" engine "_queries[SQL__MAX] = {" > source
	for (i = 1; i <= count; i++)
		for (shape = 0; shape < shapes_of(i) && !(name[i] in part); shape++)
			print "\t[SQL_" toupper(name[i]) " + " shape "] = " (text[i] == "" ? "NULL" : name[i]) "," > source
	print "};" > source
}

function write_migrations(   i) {
	print "#include \"store/engine/engine.h\"\n" > source
	for (i = 1; i <= count; i++)
		write_array(place_of(i), "text_" name[i], text_of(i))
	print "const struct sql_migration sql_" engine "_migrations[] = {" > source
	for (i = 1; i <= count; i++)
		print "\t{" i ", \"" name[i] "\", text_" name[i] "}," > source
	print "};" > source
}

END {
	if (failed)
		exit 1
	for (i = 1; i <= count; i++)
		if (lines[i] == 0) {
			print name[i] ": no SQL" > "/dev/stderr"
			exit 1
		}
	note = "/* Made by sql/embed.awk. */"
	print note > (source != "" ? source : header)
	if (source == "" && kind == "queries")
		write_queries_header()
	else if (source == "")
		print "#ifndef GEN_SQL_MIGRATIONS_H\n#define GEN_SQL_MIGRATIONS_H\n\nenum { SQL_MIGRATIONS = " count " };\n\n#endif" > header
	else if (kind == "queries")
		write_queries()
	else
		write_migrations()
}
