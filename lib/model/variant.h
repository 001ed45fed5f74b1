/* What there may be to fetch of a finished video. Plain data. */
#ifndef MODEL_VARIANT_H
#define MODEL_VARIANT_H

enum variant {
	VARIANT_VIDEO,
	VARIANT_THUMBNAIL,  /* one picture of it */
	VARIANT_SPRITESHEET /* many small ones in one */
};

#endif
