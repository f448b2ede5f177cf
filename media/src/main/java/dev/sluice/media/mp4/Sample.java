package dev.sluice.media.mp4;

/**
 * Where one frame lies.
 *
 * @param position in the file
 * @param bytes how many
 * @param decode when it is decoded, in units of the track, by the track's own clock
 * @param shift by how much later it is shown; may be negative
 * @param sync whether it needs no other
 */
public record Sample(long position, int bytes, long decode, int shift, boolean sync) {}
