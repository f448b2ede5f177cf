package dev.sluice.media.live.timeline;

/**
 * Which tracks a stream carries.
 *
 * @param audio whether audio came
 * @param video whether video came
 * @param settled whether no other track is to be expected; until then a viewer whose format names
 *     the tracks up front waits
 */
public record Tracks(boolean audio, boolean video, boolean settled) {
  public static final Tracks NONE = new Tracks(false, false, false);
}
