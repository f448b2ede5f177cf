package dev.sluice.media.segment;

/**
 * How long segments and parts of one incarnation may be: learnt from its first segment, and then
 * never changed, as players give up when they change.
 *
 * <p>Threading: confined to its owner. Pure.
 */
final class Targets {
  /** What a segment may be longer than its target and still be rounded to it. */
  static final int OVER_MS = 490;

  /** A first segment is mostly as long as those that follow, give or take this. */
  private static final int ABOUT_MS = 250;

  private static final int SECOND_MS = 1000;
  private static final int PERCENT = 100;
  private static final int FULL_PERCENT = 85;

  private final SegmentPolicy policy;
  private int targetMs;
  private int partTargetMs;
  private long mostPartMs;
  private long longestSegmentMs;
  private long longestPartMs;

  /** Nothing is learnt yet. */
  Targets(SegmentPolicy policy) {
    this.policy = policy;
    this.mostPartMs = policy.partMs();
  }

  /** See {@link SegmentMark#targetMs}. */
  int targetMs() {
    return targetMs;
  }

  /** See {@link SegmentMark#partTargetMs}. */
  int partTargetMs() {
    return partTargetMs;
  }

  /** Takes over those of a group, if they are known there and not here. */
  void adopt(int target, int partTarget) {
    if (!known() && target > 0) {
      targetMs = target;
      partTargetMs = partTarget;
    }
  }

  boolean known() {
    return targetMs > 0;
  }

  /** No segment may be longer. */
  long mostSegmentMs() {
    return known() ? targetMs + OVER_MS : policy.maxSegmentMs();
  }

  /** No part may be longer. */
  long mostPartMs() {
    return known() ? partTargetMs : mostPartMs;
  }

  /**
   * How long a frame is taken to be when it is asked whether it fits into a part: never so long
   * that a part without it would be less than 85 % of the target.
   */
  long frameMs(long longestGapMs) {
    if (!known()) {
      return longestGapMs <= mostPartMs ? longestGapMs : 0;
    }
    return Math.min(longestGapMs, (long) partTargetMs * (PERCENT - FULL_PERCENT) / PERCENT);
  }

  /** While nothing is known: one frame lasts longer than a part should. */
  void frameLasts(long frameMs) {
    if (!known()) {
      mostPartMs = Math.max(mostPartMs, Math.min(frameMs, policy.maxSegmentMs()));
    }
  }

  /** A segment ended, not for want of media. */
  void segmentWas(long segmentMs) {
    longestSegmentMs = Math.max(longestSegmentMs, segmentMs);
  }

  /**
   * Fixes the targets, once.
   *
   * @param frameMs length of a frame by which parts are cut
   * @param otherTrack whether parts can be cut by another track too
   */
  void learn(long frameMs, boolean otherTrack) {
    if (known()) {
      return;
    }
    partTargetMs = (int) Math.max(partTargetFor(frameMs, otherTrack), longestPartMs);
    long seconds = Math.ceilDiv(longestSegmentMs - ABOUT_MS, SECOND_MS);
    long least = Math.ceilDiv(Math.max(policy.segmentMs(), partTargetMs), SECOND_MS);
    targetMs = (int) Math.clamp(seconds, least, policy.maxSegmentMs() / SECOND_MS) * SECOND_MS;
  }

  /** A part ended. */
  void partWas(long partMs) {
    longestPartMs = Math.max(longestPartMs, partMs);
  }

  private long partTargetFor(long frameMs, boolean otherTrack) {
    int most = policy.partMs();
    if (frameMs == 0) {
      return most;
    }
    if (frameMs > most) {
      return frameMs <= SECOND_MS || !otherTrack ? Math.min(frameMs, policy.maxSegmentMs()) : most;
    }
    long full = most / frameMs * frameMs;
    return full * PERCENT >= (long) most * FULL_PERCENT ? most : full;
  }
}
