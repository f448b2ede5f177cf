package dev.sluice.media.rtmp;

import static dev.sluice.media.Wire.filler;
import static dev.sluice.media.Wire.hex;
import static dev.sluice.media.Wire.join;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.media.Wire;
import dev.sluice.media.rtmp.RtmpException.Reason;
import dev.sluice.testkit.LeakCheck;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(LeakCheck.class)
class HandshakeTest {
  private static final long NOW = 5_000_000_000L;

  private static byte[] c1(int version) {
    byte[] c1 = filler(1536);
    ServerHandshake.writeInt(c1, 0, 77);
    ServerHandshake.writeInt(c1, 4, version);
    return c1;
  }

  /** Feeds C0 C1 C2 and some bytes of chunks; returns S0 S1 S2. */
  private static byte[] answerTo(byte[] c1, int pieceBytes) {
    SentBytes sent = new SentBytes();
    ServerHandshake handshake = new ServerHandshake(sent);
    byte[] wire = join(hex("03"), c1, filler(1536), hex("aabbcc"));
    int[] left = {0};
    boolean[] done = {false};
    Wire.lendInPieces(
        wire,
        pieceBytes,
        in -> {
          done[0] = handshake.receive(in, NOW);
          left[0] += in.readableBytes();
        });
    assertThat(done[0]).isTrue();
    assertThat(left[0]).as("bytes behind C2 are left").isEqualTo(3);
    return sent.take();
  }

  @Test
  void simpleHandshakeEchoesTimeAndRandomBytes() {
    byte[] c1 = c1(0);
    byte[] answer = answerTo(c1, 10_000);
    assertThat(answer).hasSize(1 + 1536 + 1536);
    assertThat(answer[0]).isEqualTo((byte) 3);
    assertThat(Arrays.copyOfRange(answer, 1, 9)).isEqualTo(hex("00001388 00000000")); // 5000 ms
    assertThat(Arrays.copyOfRange(answer, 1537, 1541)).isEqualTo(hex("0000004d")); // C1's time
    assertThat(Arrays.copyOfRange(answer, 1545, 3073)).isEqualTo(Arrays.copyOfRange(c1, 8, 1536));
  }

  @Test
  void answerIsTheSameWhateverThePieces() {
    byte[] c1 = c1(0x80000702);
    HandshakeDigest.signAsPlayer(c1, 1);
    byte[] whole = answerTo(c1, 10_000);
    for (int size : new int[] {1, 2, 1535, 1536, 1537, 1538, 3073}) {
      assertThat(answerTo(c1, size)).as("pieces of %d", size).isEqualTo(whole);
    }
  }

  @Test
  void versionedHandshakeWithoutDigestIsAnsweredSimply() {
    byte[] c1 = c1(0x80000702);
    byte[] answer = answerTo(c1, 10_000);
    assertThat(Arrays.copyOfRange(answer, 1545, 3073)).isEqualTo(Arrays.copyOfRange(c1, 8, 1536));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void digestHandshakeIsAnsweredByItsScheme(int scheme) throws Exception {
    byte[] c1 = c1(0x80000702);
    HandshakeDigest.signAsPlayer(c1, scheme);
    assertThat(HandshakeDigest.schemeOf(c1)).isEqualTo(scheme);
    byte[] answer = answerTo(c1, 10_000);
    byte[] s1 = Arrays.copyOfRange(answer, 1, 1537);
    byte[] s2 = Arrays.copyOfRange(answer, 1537, 3073);

    // S1: HMAC-SHA256 of all but the digest, with the server's public key
    int field = scheme == 0 ? 8 : 772;
    int at =
        field
            + 4
            + ((s1[field] & 0xFF)
                    + (s1[field + 1] & 0xFF)
                    + (s1[field + 2] & 0xFF)
                    + (s1[field + 3] & 0xFF))
                % 728;
    byte[] key = "Genuine Adobe Flash Media Server 001".getBytes(StandardCharsets.US_ASCII);
    byte[] around = join(Arrays.copyOf(s1, at), Arrays.copyOfRange(s1, at + 32, 1536));
    assertThat(Arrays.copyOfRange(s1, at, at + 32)).isEqualTo(hmac(key, around));

    // S2: keyed with the HMAC of C1's digest
    byte[] full =
        join(
            key,
            HexFormat.of()
                .parseHex("f0eec24a8068bee82e00d0d1029e7e576eec5d2d29806fab93b8e636cfeb31ae"));
    byte[] answerKey = hmac(full, HandshakeDigest.digestOf(c1, scheme));
    assertThat(Arrays.copyOfRange(s2, 1504, 1536))
        .isEqualTo(hmac(answerKey, Arrays.copyOf(s2, 1504)));
  }

  private static byte[] hmac(byte[] key, byte[] data) throws Exception {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    return mac.doFinal(data);
  }

  @Test
  void otherVersionsAndOtherProtocolsAreRefusedAtTheFirstByte() {
    for (int first : new int[] {6, 'G', 0x16, 0}) { // RTMPE, HTTP, TLS
      ServerHandshake handshake = new ServerHandshake(new SentBytes());
      assertThatThrownBy(
              () -> Wire.lend(new byte[] {(byte) first}, in -> handshake.receive(in, NOW)))
          .isInstanceOfSatisfying(
              RtmpException.class, e -> assertThat(e.reason()).isEqualTo(Reason.BAD_VERSION))
          .hasMessage("version: " + first + " (expected: 3)");
    }
  }

  @Test
  void clientEchoesS1WithTheTimeItWasRead() {
    SentBytes sent = new SentBytes();
    ClientHandshake handshake = new ClientHandshake(sent);
    handshake.start(NOW);
    byte[] c0c1 = sent.take();
    assertThat(c0c1).hasSize(1537);
    assertThat(Arrays.copyOf(c0c1, 9)).isEqualTo(hex("03 00000000 00000000"));
    byte[] s1 = filler(1536);
    for (int size : new int[] {1, 10_000}) {
      ClientHandshake fresh = new ClientHandshake(sent);
      boolean[] done = {false};
      byte[] wire = join(hex("03"), s1, filler(1536), hex("aa"));
      Wire.lendInPieces(wire, size, in -> done[0] = fresh.receive(in, 12));
      assertThat(done[0]).isTrue();
      byte[] c2 = sent.take();
      assertThat(c2).hasSize(1536);
      assertThat(Arrays.copyOf(c2, 4)).isEqualTo(Arrays.copyOf(s1, 4));
      assertThat(Arrays.copyOfRange(c2, 4, 8)).isEqualTo(hex("0000000c"));
      assertThat(Arrays.copyOfRange(c2, 8, 1536)).isEqualTo(Arrays.copyOfRange(s1, 8, 1536));
    }
  }
}
