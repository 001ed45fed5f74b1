# Turns the files of sql/ into C: kind=queries makes an enum (header) and a table of texts (source);
# kind=migrations makes the table of migrations (source). Plain POSIX awk; one C literal a line, as awks and
# compilers have limits. Nothing is written unless all is well.

function die(why) {
	print FILENAME ":" FNR ": " why > "/dev/stderr"
	failed = 1
	exit 1
}

function literal(line) {
	if (index(line, "\\"))
		die("no backslashes: awks differ in how they double them")
	gsub(/"/, "\\\"", line)
	return "\t\"" line "\\n\"\n"
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
}

kind == "queries" && /^-- name: / {
	open = 1
	base = $3
	if (NF != 3 || base !~ /^[a-z][a-z0-9_]*$/)
		die("a statement is called by lower-case letters, digits and _")
	if (base in seen)
		die("there is another statement " base)
	seen[base] = 1
	name[++count] = base
	next
}

# Comments of queries are for people; those of migrations go into the database, where people see them.
kind == "queries" && (/^[ \t]*--/ || /^[ \t]*$/) {
	next
}

{
	if (kind == "queries" && !open)
		die("SQL before the first -- name:")
	text[count] = text[count] literal($0)
}

END {
	if (failed)
		exit 1
	for (i = 1; i <= count; i++)
		if (text[i] == "") {
			print name[i] ": no SQL" > "/dev/stderr"
			exit 1
		}
	note = "/* Made by sql/embed.awk. */"
	if (kind == "queries") {
		print note > header
		print "#ifndef GEN_SQL_QUERIES_H\n#define GEN_SQL_QUERIES_H\n\nenum sql_query {" > header
		for (i = 1; i <= count; i++)
			print "\tSQL_" toupper(name[i]) "," > header
		print "\tSQL__MAX\n};\n" > header
		print "extern const char *const sql_name[SQL__MAX];" > header
		print "extern const char *const sql_text[SQL__MAX];\n\n#endif" > header
		print note "\n#include \"sql_queries.h\"\n\nconst char *const sql_name[SQL__MAX] = {" > source
		for (i = 1; i <= count; i++)
			print "[SQL_" toupper(name[i]) "] = \"" name[i] "\"," > source
		print "};\n\nconst char *const sql_text[SQL__MAX] = {" > source
		for (i = 1; i <= count; i++)
			print "[SQL_" toupper(name[i]) "] =\n" text[i] "\t,\n" > source
		print "};" > source
	} else {
		print note "\n#include \"store/engine/engine.h\"\n" > source
		print "const struct sql_migration sql_migrations[] = {" > source
		for (i = 1; i <= count; i++)
			print "{" i ", \"" name[i] "\",\n" text[i] "\t},\n" > source
		print "};\nconst size_t sql_migration_count = " count ";" > source
	}
}
