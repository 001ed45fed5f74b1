/** A reporter for Node's test runner: the files with a test that failed, a line each. */
export default async function* (events) {
	const files = new Set();
	for await (const { type, data } of events)
		if (type === 'test:fail' && data.file && !data.todo)
			files.add(data.file);
	for (const file of files)
		yield `${file}\n`;
}
