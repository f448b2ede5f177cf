package dev.sluice.media.live.fanout;

import java.util.Map;

/**
 * What {@code /api/streams?viewers=true} tells of one viewer.
 *
 * @param id by which {@code DELETE /api/viewers/ID} ends it; another one after a restart
 * @param address where it connects from; empty for who may not know
 * @param protocol {@code rtmp}, {@code flv} or {@code ws}
 * @param loop name of the event loop that serves it
 * @param ageMs since it got its place in the stream
 * @param lagMs how late what is sent next will be there, in media time, as far as is known
 * @param dropLevel what its line still carries: {@code all}, {@code no_disposable}, {@code
 *     to_keyframe}, {@code audio_only}
 * @param bytesSent media bytes handed to its connection
 * @param lineBitsPerSecond what its line takes, learnt while it is behind; else 0
 * @param skips how often video was skipped to a keyframe
 * @param droppedFrames by reason
 */
public record ViewerStats(
    long id,
    String address,
    String protocol,
    String loop,
    long ageMs,
    long lagMs,
    String dropLevel,
    long bytesSent,
    long lineBitsPerSecond,
    int skips,
    Map<String, Integer> droppedFrames) {

  /** Copies the map. */
  public ViewerStats {
    droppedFrames = Map.copyOf(droppedFrames);
  }

  /** The same without its address. */
  public ViewerStats withoutAddress() {
    return new ViewerStats(
        id,
        "",
        protocol,
        loop,
        ageMs,
        lagMs,
        dropLevel,
        bytesSent,
        lineBitsPerSecond,
        skips,
        droppedFrames);
  }
}
