// Several files as one: a ZIP archive (APPNOTE 6.3), stored, as videos cannot be made smaller. Without ZIP64: up to 4 GB and 65 535 files.

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
	for (let bit = 0; bit < 8; bit++)
		n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
	return n;
});

/** A checksum that goes on piece by piece (CRC-32). @param {number} crc 0 at the beginning @param {Uint8Array} piece */
export function crc32(crc, piece) {
	let now = ~crc;
	for (const byte of piece)
		now = TABLE[(now ^ byte) & 0xff] ^ (now >>> 8);
	return ~now >>> 0;
}

/** Numbers in little endian. @param {[number, 2|4][]} values */
function bytesOf(values) {
	const view = new DataView(new ArrayBuffer(values.reduce((sum, [, size]) => sum + size, 0)));
	let at = 0;
	for (const [value, size] of values) {
		if (size === 2)
			view.setUint16(at, value, true);
		else
			view.setUint32(at, value >>> 0, true);
		at += size;
	}
	return view.buffer;
}

const UTF8 = 0x0800, VERSION = 20, STORED = 0;

/** What a file's head and its line in the directory have in common. @returns {[number, 2|4][]} */
const headOf = ({ crc, size, name }, date) => {
	const time = (date.getHours() << 11) | (date.getMinutes() << 5) | (date.getSeconds() >> 1);
	const day = ((date.getFullYear() - 1980) << 9) | ((date.getMonth() + 1) << 5) | date.getDate();
	return [[VERSION, 2], [UTF8, 2], [STORED, 2], [time, 2], [day, 2], [crc, 4], [size, 4], [size, 4], [name.length, 2], [0, 2]];
};

/** @param {{name: string, blob: Blob, crc: number}[]} files names in UTF-8, each once @param {Date} date @returns {Blob} */
export function zipOf(files, date) {
	const parts = [], directory = [];
	let at = 0;
	for (const { name: text, blob, crc } of files) {
		const name = new TextEncoder().encode(text), head = headOf({ crc, size: blob.size, name }, date);
		parts.push(bytesOf([[0x04034b50, 4], ...head]), name, blob);
		directory.push(bytesOf([[0x02014b50, 4], [VERSION, 2], ...head, [0, 2], [0, 2], [0, 2], [0, 4], [at, 4]]), name);
		at += 30 + name.length + blob.size;
	}
	const size = directory.reduce((sum, piece) => sum + (piece.byteLength), 0);
	return new Blob([...parts, ...directory, bytesOf([[0x06054b50, 4], [0, 2], [0, 2], [files.length, 2], [files.length, 2], [size, 4], [at, 4], [0, 2]])], { type: 'application/zip' });
}
