/* The jobs of upstreams. Plain data. */
#ifndef MODEL_DIALECT_JOB_H
#define MODEL_DIALECT_JOB_H

/* What an upstream can be asked to make. */
enum dialect_job {
	DIALECT_CREATE, /* a video of a prompt; every dialect has it */
	DIALECT_REMIX,  /* the others are of a video that the upstream has made before */
	DIALECT_EDIT,
	DIALECT_EXTEND,
	DIALECT_JOB__MAX
};

#endif
