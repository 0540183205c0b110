/** The most pixels that are drawn for one of the page, each way: with more, one sees no more. */
const finest = 2;

/**
 * fit gives a canvas as many pixels as the screen has for it. It returns how many those are for one of the page, and the size in the
 * page's; undefined while it is not shown.
 */
export function fit(canvas: HTMLCanvasElement): { ratio: number; width: number; height: number } | undefined {
  const { clientWidth: width, clientHeight: height } = canvas;
  if (width === 0 || height === 0) return undefined;
  const ratio = Math.min(finest, devicePixelRatio);
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  return { ratio, width, height };
}
