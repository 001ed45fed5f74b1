-- Characters whose code is a multiple of 65536 had no gram in the index of prompts (lib/store/gram.c): it is made anew.

DELETE FROM search_block;
DELETE FROM search_part;
UPDATE search_head SET rev = 0;
