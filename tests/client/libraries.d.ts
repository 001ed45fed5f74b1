// What the page takes from preact and htm, which `make` puts into vendor/: not looked into here.
declare module '*/vendor/preact.js' {
	export const Fragment: any, h: any, render: any;
}
declare module '*/vendor/hooks.js' {
	export const useCallback: any, useEffect: any, useLayoutEffect: any, useMemo: any, useRef: any, useState: any;
}
declare module '*/vendor/htm.js' {
	const htm: any;
	export default htm;
}
