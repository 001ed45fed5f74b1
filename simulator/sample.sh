#!/bin/sh
# Makes sample.mp4 anew with ffmpeg: a loop of 4 s, a sun over three ranges of hills, each moving at its own pace.
# H.264 Main 3.0, yuv420p, index in front, so that every browser plays it at once.
set -eu
cd "$(dirname "$0")"

# The time as an angle (0), the height of the sky (1), the distance from the sun (2), the sun's disc (3) and glow (4),
# and the three ranges (5, 6, 7), each from 0 (not there) to 1, with soft edges.
masks='st(0,2*PI*T/4);
st(1,clip(Y/130,0,1));
st(2,hypot(X-160-34*sin(ld(0)),Y-70-8*cos(ld(0))));
st(3,clip((22-ld(2))/2+0.5,0,1));
st(4,exp(-ld(2)/42)*0.7);
st(5,clip((Y-112-12*sin(X*2*PI/160-ld(0))-5*sin(X*2*PI/80-ld(0)))/2+0.5,0,1));
st(6,clip((Y-134-10*sin(X*2*PI/320*3-2*ld(0)+1)-4*sin(X*2*PI/64-ld(0)*2))/2+0.5,0,1));
st(7,clip((Y-156-9*sin(X*2*PI/320*2-3*ld(0)+2)-3*sin(X*2*PI/107-ld(0)*3))/2+0.5,0,1));'

# One colour channel: its value in the sky above, the sky below, the sun, and the three ranges.
channel() {
	printf '%slerp(lerp(lerp(lerp(lerp(lerp(%s,%s,ld(1)),%s,ld(4)),%s,ld(3)),%s,ld(5)),%s,ld(6)),%s,ld(7))' \
		"$(printf %s "$masks" | tr -d '\n')" "$1" "$2" "$3" "$3" "$4" "$5" "$6"
}

red=$(channel 44 246 255 150 88 36)
green=$(channel 52 150 226 92 58 28)
blue=$(channel 104 120 170 118 92 56)
ffmpeg -v error -y -filter_threads 1 \
	-f lavfi -i "nullsrc=s=320x180:d=4:r=24,format=gbrp,geq=r='$red':g='$green':b='$blue',format=yuv420p" \
	-vf scale=out_color_matrix=bt709 -color_range tv -colorspace bt709 -color_trc bt709 -color_primaries bt709 \
	-c:v libx264 -profile:v main -level 3.0 -preset veryslow -crf 21 -g 96 -pix_fmt yuv420p \
	-movflags +faststart -map_metadata -1 -fflags +bitexact -flags:v +bitexact sample.mp4
