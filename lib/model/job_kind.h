/* The kinds of jobs that upstreams do. Plain data. */
#ifndef MODEL_JOB_KIND_H
#define MODEL_JOB_KIND_H

/* What an upstream can be asked to make. */
enum job_kind {
	DIALECT_CREATE, /* a video of a prompt; every dialect has it */
	DIALECT_REMIX,  /* this and those below: from a video that the same upstream has made */
	DIALECT_EDIT,
	DIALECT_EXTEND,
	DIALECT_JOB__MAX
};

#endif
