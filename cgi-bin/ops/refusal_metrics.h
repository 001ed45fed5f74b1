/* The metrics of refusals. */
#ifndef OPS_REFUSAL_METRICS_H
#define OPS_REFUSAL_METRICS_H

struct buf;

/* Appends how many requests were refused, by the code of the error; 0 of those that never were. */
void refusal_metrics(struct buf *out);

#endif
