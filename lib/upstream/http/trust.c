/* Finds the file of authorities: libcurl's own, or where other systems keep theirs. */
#include "upstream/http/trust.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <unistd.h>

/* Where systems keep it: the list of Go's crypto/x509 (root_linux.go) and of curl's configure script. */
static const char *const systems[] = {
    "/etc/ssl/certs/ca-certificates.crt",                /* Debian, Ubuntu, Arch, Gentoo */
    "/etc/pki/tls/certs/ca-bundle.crt",                  /* Fedora, RHEL 6 */
    "/etc/ssl/ca-bundle.pem",                            /* openSUSE */
    "/etc/pki/tls/cacert.pem",                           /* OpenELEC */
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", /* CentOS, RHEL 7 and later */
    "/etc/ssl/cert.pem",                                 /* Alpine */
    NULL,
};

/* Written once. */
static struct {
	const char *found;
	pthread_mutex_t lock;
	bool looked;
} trust = {.lock = PTHREAD_MUTEX_INITIALIZER};

const char *
trust_find(const char *own, const char *const *known)
{
	if (own != NULL && access(own, R_OK) == 0)
		return own;
	for (; *known != NULL; known++)
		if (access(*known, R_OK) == 0)
			return *known;
	return own;
}

const char *
trust_file(const char *own)
{
	pthread_mutex_lock(&trust.lock);
	if (!trust.looked) {
		const char *found = trust_find(own, systems);
		trust.found = found != own ? found : NULL;
		trust.looked = true;
	}
	const char *file = trust.found;
	pthread_mutex_unlock(&trust.lock);
	return file;
}
