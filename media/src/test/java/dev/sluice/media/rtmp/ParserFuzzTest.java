package dev.sluice.media.rtmp;

import com.code_intelligence.jazzer.junit.FuzzTest;

/**
 * Coverage-guided fuzzing of every parser of bytes from the network, by hand: {@code mvn -Pfuzz -pl
 * media -am test -Dtest='ParserFuzzTest#chunks' -Dsurefire.failIfNoSpecifiedTests=false}. It starts
 * from the inputs in {@code ParserFuzzTestInputs}, and what it finds belongs there: {@link
 * FuzzInputsTest} replays them in every test run.
 */
class ParserFuzzTest {
  private static final String LIMIT = "2m";

  @FuzzTest(maxDuration = LIMIT)
  void handshake(byte[] data) {
    FuzzTargets.handshake(data);
  }

  @FuzzTest(maxDuration = LIMIT)
  void chunks(byte[] data) {
    FuzzTargets.chunks(data);
  }

  @FuzzTest(maxDuration = LIMIT)
  void amf(byte[] data) {
    FuzzTargets.amf(data);
  }

  @FuzzTest(maxDuration = LIMIT)
  void flv(byte[] data) {
    FuzzTargets.flv(data);
  }

  @FuzzTest(maxDuration = LIMIT)
  void session(byte[] data) {
    FuzzTargets.session(data);
  }

  @FuzzTest(maxDuration = LIMIT)
  void messages(byte[] data) {
    FuzzTargets.messages(data);
  }
}
