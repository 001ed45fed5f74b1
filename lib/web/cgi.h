/* Plain CGI (RFC 3875) as a transport: the environment, standard input, standard output. Internal to this
 * folder. */
#ifndef WEB_CGI_H
#define WEB_CGI_H

#include "web/transport.h"

/* Fills the transport of this process's one request. */
void cgi_transport(struct transport *ret_transport);

#endif
