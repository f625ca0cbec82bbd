// Says whether a file is the one that an upload was begun with, or the same as another file. Not with crypto.subtle, which plain http lacks.

const blockLength = 1024 * 1024;

// CRC-32C, because .NET has it: polynomial 0x1EDC6F41, here with its bits reversed.
const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  for (let bit = 0; bit < 8; bit++) byte = byte & 1 ? (byte >>> 1) ^ 0x82f63b78 : byte >>> 1;
  return byte;
});

export function crc32c(bytes) {
  let crc = ~0;
  for (let i = 0; i < bytes.length; i++) crc = (crc >>> 8) ^ table[(crc ^ bytes[i]) & 255];
  return ~crc >>> 0;
}

/** Whether the file begins with the bytes that have arrived. `arrived` is what the server says, with checksums; `onShare` is told 0 to 1. */
export async function beginsWith(file, arrived, signal, onShare) {
  const { offset, blockLength, firstBlock, checksums } = arrived;
  if (checksums.length !== Math.ceil(offset / blockLength) - firstBlock) return false;
  for (const [i, checksum] of checksums.entries()) {
    const start = (firstBlock + i) * blockLength;
    if (crc32c(await read(file, start, Math.min(start + blockLength, offset), signal)) !== checksum) return false;
    onShare((i + 1) / checksums.length);
  }
  return true;
}

/** Whether two files of the same size have the same bytes. */
export async function isSame(file, other, signal, onShare) {
  for (let start = 0; start < file.size; start += blockLength) {
    const end = Math.min(start + blockLength, file.size);
    const [one, two] = await Promise.all([read(file, start, end, signal), read(other, start, end, signal)]);
    for (let i = 0; i < one.length; i++) if (one[i] !== two[i]) return false;
    onShare(end / file.size);
  }
  return true;
}

async function read(file, start, end, signal) {
  signal.throwIfAborted();
  return new Uint8Array(await file.slice(start, end).arrayBuffer());
}
