package dev.sluice.media.live;

import dev.sluice.media.live.fanout.ViewerStats;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What {@code /api/streams} tells of one stream.
 *
 * @param key {@code app/name}
 * @param kind {@code encoder}, {@code relay}, or {@code none} while held without publisher
 * @param publisher address of the publisher, or empty
 * @param agent what the publisher calls itself, or empty
 * @param publisherDetail of a relay, why it takes the stream from there; else empty
 * @param ageMs time since the stream began
 * @param videoCodec such as {@code avc}; empty when there is no video
 * @param audioCodec such as {@code aac}; empty when there is no audio
 * @param codecs both as RFC 6381 has them, such as {@code avc1.64001f,mp4a.40.2}; empty when not
 *     known for certain, or when MP4 cannot carry one of them
 * @param width of the picture, 0 when unknown
 * @param height of the picture, 0 when unknown
 * @param bitsPerSecond received, over the last second or more
 * @param framesPerSecond video frames received, over the same time
 * @param gopMs time between the newest two keyframes, 0 when unknown
 * @param mediaTimeMs the stream clock's newest time
 * @param viewers now, by protocol
 * @param bytesReceived since the stream began
 * @param bytesSent to viewers since the stream began
 * @param droppedFrames for slow viewers since the stream began, by reason
 * @param trouble why nothing can be shown of the video that comes, as {@code no_sequence_header},
 *     {@code broken_sequence_header}, {@code no_keyframe} or {@code keyframes_too_rare}; empty when
 *     all is well
 * @param troubleDetail the same as a sentence, with what to do; or empty
 * @param segmentsFrom who decides where the stream is cut for HLS: {@code here}; {@code upstream},
 *     on a relay from a server of the fleet; empty while nobody does
 * @param renditionOf the group of renditions, as {@code app/name}, whose segments have the same
 *     numbers; empty without such
 * @param apart why its segments do not have the numbers of the other renditions, as a sentence;
 *     empty when they have, or when there are no others
 * @param viewerList some viewers, when asked for; else empty
 */
public record StreamStats(
    String key,
    String kind,
    String publisher,
    String agent,
    String publisherDetail,
    long ageMs,
    String videoCodec,
    String audioCodec,
    String codecs,
    int width,
    int height,
    long bitsPerSecond,
    double framesPerSecond,
    long gopMs,
    long mediaTimeMs,
    Map<String, Integer> viewers,
    long bytesReceived,
    long bytesSent,
    Map<String, Long> droppedFrames,
    String trouble,
    String troubleDetail,
    String segmentsFrom,
    String renditionOf,
    String apart,
    List<ViewerStats> viewerList) {

  /** Copies the maps and the list. */
  public StreamStats {
    viewers = Map.copyOf(viewers);
    droppedFrames = Map.copyOf(droppedFrames);
    viewerList = List.copyOf(viewerList);
  }

  /** The same with viewers. */
  public StreamStats with(List<ViewerStats> some) {
    return with(viewers, some);
  }

  /** The same with viewers who speak another protocol, if there are any. */
  public StreamStats with(String protocol, int count) {
    if (count == 0) {
      return this;
    }
    Map<String, Integer> all = new HashMap<>(viewers);
    all.put(protocol, count);
    return with(all, viewerList);
  }

  private StreamStats with(Map<String, Integer> counts, List<ViewerStats> some) {
    return new StreamStats(
        key,
        kind,
        publisher,
        agent,
        publisherDetail,
        ageMs,
        videoCodec,
        audioCodec,
        codecs,
        width,
        height,
        bitsPerSecond,
        framesPerSecond,
        gopMs,
        mediaTimeMs,
        counts,
        bytesReceived,
        bytesSent,
        droppedFrames,
        trouble,
        troubleDetail,
        segmentsFrom,
        renditionOf,
        apart,
        some);
  }

  /** Viewers of all protocols. */
  public int totalViewers() {
    int sum = 0;
    for (int count : viewers.values()) {
      sum += count;
    }
    return sum;
  }
}
