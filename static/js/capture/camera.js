/** The camera: opened on request, closed at once. Pixels stay in this page's memory. */

import { word } from "../words.js";

export const WIDTH = 640;
export const HEIGHT = 480;
const QUALITY = 0.85;

export const mayUseCamera = () => Boolean(navigator.mediaDevices?.getUserMedia);

/** A stream of the chosen camera, or of one that faces the person; where there is no such one, of any. */
export async function openCamera(deviceId) {
  const size = { width: { ideal: WIDTH }, height: { ideal: HEIGHT } };
  const wanted = deviceId ? { deviceId: { exact: deviceId } } : { facingMode: "user" };
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: false, video: { ...size, ...wanted } });
  } catch (error) {
    if (!["OverconstrainedError", "NotFoundError"].includes(error.name)) throw error;
    // Without any camera WebKit, too, speaks of a wish that none can meet.
    if (!(await hasCamera())) throw new DOMException("", "NotFoundError");
    return navigator.mediaDevices.getUserMedia({ audio: false, video: size });
  }
}

async function hasCamera() {
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices.some((device) => device.kind === "videoinput");
}

export function closeCamera(stream) {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

/** [{id, name}]; names are only known once the camera was allowed. */
export async function listCameras() {
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices
    .filter((device) => device.kind === "videoinput" && device.deviceId)
    .map((device, index) => ({
      id: device.deviceId,
      name: device.label || word("camera-name", { number: index + 1 }),
    }));
}

/** "granted" | "prompt" | "denied", as far as the browser tells. */
export async function permission() {
  try {
    return (await navigator.permissions.query({ name: "camera" })).state;
  } catch {
    return "prompt";
  }
}

/** Draws the middle of the picture, cut to 4:3, and says whether there was one. */
export function drawStill(video, canvas) {
  const { videoWidth: width, videoHeight: height } = video;
  if (!width || !height) return false;
  const scale = Math.max(WIDTH / width, HEIGHT / height);
  const [cutWidth, cutHeight] = [WIDTH / scale, HEIGHT / scale];
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  canvas
    .getContext("2d", { alpha: false })
    .drawImage(video, (width - cutWidth) / 2, (height - cutHeight) / 2, cutWidth, cutHeight, 0, 0, WIDTH, HEIGHT);
  return true;
}

export function toJpeg(canvas) {
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/jpeg", QUALITY);
  });
}

/** Leaves no picture behind in the page. */
export function wipe(canvas) {
  canvas.width = 0;
  canvas.height = 0;
}

/** The page's words for what the browser calls an error. */
const TROUBLE = {
  NotAllowedError: "camera-not-allowed",
  SecurityError: "camera-not-allowed",
  NotFoundError: "camera-not-found",
  NotReadableError: "camera-busy",
  AbortError: "camera-busy",
  OverconstrainedError: "camera-unfit",
  Unsupported: "camera-unsupported",
};

export const isDenied = (error) => ["NotAllowedError", "SecurityError"].includes(error?.name);

export function explain(error) {
  return word(TROUBLE[error?.name] ?? "camera-trouble");
}
