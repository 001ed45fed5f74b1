/* Whole backups: everything that an instance is. */
#ifndef CLI_BACKUP_ALL_H
#define CLI_BACKUP_ALL_H

struct cli_call;

/* longreel backup --all FILE.tar|DIR|-, the operand. Returns the exit code. */
int backup_all(const struct cli_call *call);

#endif
