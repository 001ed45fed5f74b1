/* Blocks of network addresses, by which clients are counted and known again: who has one IPv6 address has a
 * /56 of them, and who gets another IPv4 address from the same provider mostly stays in its /24. Pure
 * functions. */
#ifndef BASE_NETBLOCK_H
#define BASE_NETBLOCK_H

enum { NETBLOCK_SIZE = 64 /* bytes of a block's name, NUL included */ };

/* The name by which an address is counted: an IPv4 address as it is, also one that is mapped into IPv6; of an
 * IPv6 address its /56. What is no address counts by its text, as far as that goes. */
void netblock_counted(const char *address, char ret_block[NETBLOCK_SIZE]);

/* The block that an address is known by: the /24 of an IPv4 address, else as netblock_counted(). */
void netblock_known(const char *address, char ret_block[NETBLOCK_SIZE]);

#endif
