/* Plain CGI as a carrier (RFC 3875): the environment, standard input, standard output. Internal to this
 * folder. */
#ifndef WEB_CGI_H
#define WEB_CGI_H

#include "web/transport.h"

/* Fills the carrier of this process's one request. */
void cgi_transport(struct transport *ret_transport);

#endif
