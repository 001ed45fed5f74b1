/* Blocks of network addresses, by which clients are counted and recognised: a client with one IPv6 address
 * has a /56 of them, and a client that gets another IPv4 address from the same provider mostly stays in its
 * /24. Pure functions, thread-safe. */
#ifndef BASE_NETBLOCK_H
#define BASE_NETBLOCK_H

enum { NETBLOCK_SIZE = 64 /* bytes of a block's name, NUL included */ };

/* Writes the name that an address is counted by: an IPv4 address (also one mapped into IPv6) as it is, of an
 * IPv6 address its /56; any other text as it is, cut at the size. */
void netblock_counted(const char *address, char ret_block[NETBLOCK_SIZE]);

/* Writes the block that an address is recognised by: the /24 of an IPv4 address, else as netblock_counted().
 */
void netblock_known(const char *address, char ret_block[NETBLOCK_SIZE]);

#endif
