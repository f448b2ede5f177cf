package dev.sluice.chassis.http;

import org.jspecify.annotations.Nullable;

/**
 * A piece of an answer's body that is made of ranges of a file.
 *
 * @param head bytes to send before the range, perhaps none
 * @param range null = only the head
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record BodyPart(byte[] head, @Nullable HttpRange range) {

  /** A range with nothing before it. */
  public static BodyPart of(HttpRange range) {
    return new BodyPart(new byte[0], range);
  }
}
