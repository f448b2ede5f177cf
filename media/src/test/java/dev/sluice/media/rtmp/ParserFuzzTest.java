package dev.sluice.media.rtmp;

import com.code_intelligence.jazzer.junit.FuzzTest;

/**
 * Coverage-guided fuzzing of every parser of bytes from the network, by hand: {@code ./sluice fuzz}
 * runs one method after the other, since jazzer fuzzes one in a run. It starts from the inputs in
 * {@code ParserFuzzTestInputs}, and what it finds belongs there: {@link FuzzInputsTest} replays
 * them in every test run.
 */
class ParserFuzzTest {
  @FuzzTest
  void handshake(byte[] data) {
    FuzzTargets.handshake(data);
  }

  @FuzzTest
  void chunks(byte[] data) {
    FuzzTargets.chunks(data);
  }

  @FuzzTest
  void amf(byte[] data) {
    FuzzTargets.amf(data);
  }

  @FuzzTest
  void flv(byte[] data) {
    FuzzTargets.flv(data);
  }

  @FuzzTest
  void session(byte[] data) {
    FuzzConversations.session(data);
  }

  @FuzzTest
  void messages(byte[] data) {
    FuzzConversations.messages(data);
  }

  @FuzzTest
  void digest(byte[] data) {
    FuzzTargets.digest(data);
  }

  @FuzzTest
  void file(byte[] data) {
    FuzzTargets.file(data);
  }

  @FuzzTest
  void wire(byte[] data) {
    FuzzConversations.wire(data);
  }

  @FuzzTest
  void client(byte[] data) {
    FuzzConversations.client(data);
  }
}
