/* What can be fetched of a finished video. Plain data. */
#ifndef MODEL_CONTENT_VARIANT_H
#define MODEL_CONTENT_VARIANT_H

enum content_variant {
	VARIANT_VIDEO,
	VARIANT_THUMBNAIL,  /* one picture of it */
	VARIANT_SPRITESHEET /* many small ones in one */
};

#endif
