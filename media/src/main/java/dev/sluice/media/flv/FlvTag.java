package dev.sluice.media.flv;

import io.netty.buffer.ByteBuf;

/**
 * One audio, video or script unit on its way from a publisher to its viewers.
 *
 * <p>Ownership: the tag is reference-counted by its payload; the constructor takes over one
 * reference. Whoever keeps a tag past the call that handed it over calls {@link #retain()}, and the
 * last one {@link #release()}s. {@link #at(long)} shares the payload and takes a reference of its
 * own.
 *
 * <p>Threading: immutable, may cross threads as long as nobody moves the payload's indices.
 */
public final class FlvTag {
  /** Name of the script data that is a {@link #mark}. */
  public static final String MARK_NAME = "onSluiceMark";

  private final TagType type;
  private final long timestampMs;
  private final ByteBuf payload;
  private final int traits;

  /**
   * Makes a tag of a message payload. Takes ownership of {@code payload}.
   *
   * @param timestampMs decode time in milliseconds on a 64-bit clock that does not wrap
   * @param payload the FLV tag body; its readable bytes are the body
   */
  public FlvTag(TagType type, long timestampMs, ByteBuf payload) {
    this(type, timestampMs, payload, TagTraits.of(type, payload));
  }

  private FlvTag(TagType type, long timestampMs, ByteBuf payload, int traits) {
    this.type = type;
    this.timestampMs = timestampMs;
    this.payload = payload;
    this.traits = traits;
  }

  /** Audio, video or script. */
  public TagType type() {
    return type;
  }

  /** Decode time in milliseconds; 64 bits, does not wrap. */
  public long timestampMs() {
    return timestampMs;
  }

  /** The tag body. Borrowed: do not move its indices and do not write to it. */
  public ByteBuf payload() {
    return payload;
  }

  /** Length of the body in bytes. */
  public int payloadBytes() {
    return payload.readableBytes();
  }

  /**
   * Whether decoding can start at this video tag. Never true for sequence headers, for
   * end-of-sequence marks or for bodies without a picture.
   */
  public boolean keyframe() {
    return (traits & TagTraits.KEYFRAME) != 0;
  }

  /** Whether this is a codec configuration that must precede the media it describes. */
  public boolean sequenceHeader() {
    return (traits & TagTraits.SEQUENCE_HEADER) != 0;
  }

  /**
   * Whether this describes the media that follows but configures no decoder: HDR colour metadata or
   * a channel layout of Enhanced RTMP. Who joins needs it like a sequence header.
   */
  public boolean description() {
    return (traits & TagTraits.DESCRIPTION) != 0;
  }

  /**
   * Whether this is script data by which an origin says where the stream is cut, a {@code
   * SegmentMark}. Nodes get it, viewers and files never do.
   */
  public boolean mark() {
    return (traits & TagTraits.MARK) != 0;
  }

  /** Whether this is a picture that cannot be decoded without a sequence header before it. */
  public boolean needsSequenceHeader() {
    return (traits & TagTraits.NEEDS_SEQUENCE_HEADER) != 0;
  }

  /** The track, 0 to 255; 0 also when the body names none, of several the first. */
  public int track() {
    return TagTraits.track(traits);
  }

  /**
   * What kind of header this is: a sequence header or description replaces an earlier one of equal
   * number and no other.
   */
  public int headerKind() {
    return (traits & ~(TagTraits.KEYFRAME | TagTraits.DISPOSABLE)) | type.code() << 16;
  }

  /** Whether no other picture refers to this one, so that it can be left out on its own. */
  public boolean disposable() {
    return (traits & TagTraits.DISPOSABLE) != 0;
  }

  /** Whether this is a video tag. */
  public boolean video() {
    return type == TagType.VIDEO;
  }

  /** Whether this is an audio tag. */
  public boolean audio() {
    return type == TagType.AUDIO;
  }

  /** Whether this is a script data tag. */
  public boolean script() {
    return type == TagType.SCRIPT;
  }

  /** The same tag at another time. Returns a retained view that must be released on its own. */
  public FlvTag at(long newTimestampMs) {
    payload.retain();
    return new FlvTag(type, newTimestampMs, payload, traits);
  }

  /**
   * Like {@link #at}, for the picture of another track than the one that viewers join by: {@link
   * #keyframe()} is false. Returns a retained view that must be released on its own.
   */
  public FlvTag besideAt(long newTimestampMs) {
    payload.retain();
    return new FlvTag(type, newTimestampMs, payload, traits & ~TagTraits.KEYFRAME);
  }

  /** Adds a reference and returns this tag. */
  public FlvTag retain() {
    payload.retain();
    return this;
  }

  /** Drops a reference; the last one frees the payload. */
  public void release() {
    payload.release();
  }

  /** Number of references held on the payload. */
  public int refCnt() {
    return payload.refCnt();
  }

  @Override
  public String toString() {
    return "FlvTag["
        + type
        + " at "
        + timestampMs
        + " ms, "
        + payloadBytes()
        + " bytes"
        + (keyframe() ? ", keyframe" : "")
        + (sequenceHeader() ? ", sequence header" : "")
        + (description() ? ", description" : "")
        + (mark() ? ", mark" : "")
        + (track() != 0 ? ", track " + track() : "")
        + (disposable() ? ", disposable" : "")
        + "]";
  }
}
