/* The jobs of upstreams. Plain data. */
#ifndef MODEL_JOB_KIND_H
#define MODEL_JOB_KIND_H

/* What an upstream can be asked to make. */
enum job_kind {
	DIALECT_CREATE, /* a video of a prompt; every dialect has it */
	DIALECT_REMIX,  /* the others are of a video that the upstream has made before */
	DIALECT_EDIT,
	DIALECT_EXTEND,
	DIALECT_JOB__MAX
};

#endif
