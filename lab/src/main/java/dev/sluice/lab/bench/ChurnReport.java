package dev.sluice.lab.bench;

import java.util.Map;

/**
 * What {@link ChurnBench} saw in an interval or in all of its time. A viewer counts when its life
 * is over, whichever way.
 *
 * @param viewers there now, those on their way included
 * @param playing of those, how many have a picture
 * @param joined connections begun
 * @param left viewers that played until they left by themselves
 * @param failures reasons of those that did not, with their number
 * @param startupMs from connect to the first keyframe
 * @param framesLost by sampled viewers
 * @param timestampsBackward by sampled viewers
 * @param withoutAudioOrVideo sampled viewers that left without having seen both
 */
public record ChurnReport(
    double atSecond,
    int viewers,
    int playing,
    long joined,
    long left,
    Map<String, Integer> failures,
    Timing startupMs,
    long framesLost,
    long timestampsBackward,
    int withoutAudioOrVideo) {}
