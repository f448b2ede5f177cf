package dev.sluice.media.rtmp.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.amf.AmfValue;
import dev.sluice.media.fixture.VodPlayer;
import dev.sluice.media.vod.FlvBytes;
import dev.sluice.testkit.LeakCheck;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Stored files over RTMP, in virtual time. */
@ExtendWith(LeakCheck.class)
class VodPlaybackTest {
  private static final Duration BURST = Duration.ofMillis(600);

  /** 20 keyframes, 400 ms apart: 8 s, ending with sound at 7965 ms. */
  private final FlvBytes clip = FlvBytes.clip(20, 300);

  private final VodPlayer player = new VodPlayer();

  @AfterEach
  void close() {
    player.close();
    assertThat(player.open).as("files left open").isZero();
  }

  private static List<String> media(List<String> seen) {
    return seen.stream().filter(line -> line.matches("[AV] (key )?[0-9]+")).toList();
  }

  private static long lastTime(List<String> seen) {
    String last = media(seen).getLast();
    return Long.parseLong(last.substring(last.lastIndexOf(' ') + 1));
  }

  private boolean counted(String reason) {
    return player.meters.scrape().contains("sluice_vod_plays_total{reason=\"" + reason + "\"} 1");
  }

  @Test
  void beginsWithItsAnswerMetadataAndHeadersThenTheFile() {
    player.files.put("films/one.flv", clip.bytes());
    player.play("films/one");
    assertThat(player.seen())
        .startsWith(
            "control 4", // StreamIsRecorded
            "control 0", // StreamBegin
            "NetStream.Play.Reset",
            "NetStream.Play.Start",
            "|RtmpSampleAccess",
            "onMetaData 7.965 at 0",
            "V header 0",
            "A header 0",
            "V key 0",
            "A 5",
            "V 40");
  }

  @Test
  void sendsAWholeFileAndSaysThatItIsComplete() {
    player.files.put("one.flv", clip.bytes());
    player.play("one.flv");
    player.pass(Duration.ofSeconds(6));
    List<String> seen = player.seen();
    assertThat(media(seen)).hasSize(2 * 200).endsWith("V 7960", "A 7965");
    assertThat(seen)
        .endsWith("A 7965", "NetStream.Play.Complete", "control 1", "NetStream.Play.Stop");
    assertThat(player.channel.isOpen()).isTrue();
    player.close();
    assertThat(counted("completed")).isTrue();
  }

  @Test
  void sendsTheClientsBufferAtOnceAndTheRestInRealTime() {
    player.files.put("one.flv", clip.bytes());
    player.play("one");
    assertThat(lastTime(player.seen())).as("3 s by default").isBetween(2950L, 3000L);
    player.pass(Duration.ofSeconds(2));
    assertThat(lastTime(player.seen())).isBetween(4500L, 5000L);
    player.buffer(5000);
    assertThat(lastTime(player.seen())).isBetween(6900L, 7000L);
  }

  @Test
  void aBufferToldBeforePlayCounts() {
    player.files.put("one.flv", clip.bytes());
    player.buffer(5000);
    player.play("one");
    assertThat(lastTime(player.seen())).isBetween(4950L, 5000L);
  }

  @Test
  void whatAViewerToldBeforeItPlaysHoldsForEachFileItPlays() {
    player.files.put("one.flv", clip.bytes());
    player.files.put("two.flv", clip.bytes());
    player.buffer(5000);
    player.command(1, "receiveAudio", 0, AmfValue.Nothing.NULL, AmfValue.of(false));
    player.play("one");
    assertThat(media(player.seen())).hasSize(126).allMatch(line -> line.startsWith("V"));
    player.play("two");
    assertThat(media(player.seen())).hasSize(126).allMatch(line -> line.startsWith("V"));
    player.command(1, "receiveAudio", 0, AmfValue.Nothing.NULL, AmfValue.of(true));
    player.play("one");
    assertThat(media(player.seen())).hasSize(251).endsWith("A 4965", "V 5000");
  }

  @Test
  void seeksToTheKeyframeAtOrBefore() {
    player.files.put("one.flv", clip.bytes());
    player.play("one");
    player.seen();
    player.seek(5990);
    assertThat(player.seen())
        .startsWith(
            "NetStream.Seek.Notify",
            "control 0",
            "NetStream.Play.Start",
            "onMetaData 7.965 at 0",
            "V header 5600",
            "A header 5600",
            "V key 5600",
            "A 5605");
    player.seek(100);
    assertThat(media(player.seen())).startsWith("V key 0");
    assertThat(player.meters.scrape()).contains("sluice_vod_seeks_total 2");
  }

  @Test
  void seeksOnAfterTheEnd() {
    player.files.put("one.flv", clip.bytes());
    player.play("one");
    player.pass(Duration.ofSeconds(6));
    player.seen();
    player.seek(7600);
    List<String> seen = player.seen();
    assertThat(media(seen)).startsWith("V key 7600").hasSize(20);
    assertThat(seen).endsWith("NetStream.Play.Stop");
  }

  @Test
  void nothingIsSentInAPauseAndNothingIsLostByIt() {
    player.files.put("one.flv", clip.bytes());
    player.play("one");
    List<String> all = new ArrayList<>(player.seen());
    player.pass(Duration.ofSeconds(1));
    player.pause(true);
    List<String> paused = player.seen();
    assertThat(paused).endsWith("NetStream.Pause.Notify");
    all.addAll(paused);
    player.pass(Duration.ofMinutes(2));
    assertThat(player.seen()).isEmpty();
    player.pause(false);
    List<String> on = new ArrayList<>(player.seen());
    assertThat(on).startsWith("NetStream.Unpause.Notify");
    all.addAll(on);
    player.pass(BURST);
    on = player.seen();
    assertThat(lastTime(on)).as("in real time, not all at once").isLessThan(5000);
    all.addAll(on);
    player.pass(Duration.ofSeconds(6));
    all.addAll(player.seen());
    assertThat(media(all)).hasSize(2 * 200).doesNotHaveDuplicates();
  }

  @Test
  void startAndLengthArgumentsChooseAPart() {
    player.files.put("one.flv", clip.bytes());
    player.play("one", 2500, 1000);
    player.pass(BURST);
    List<String> seen = player.seen();
    assertThat(seen).containsSubsequence("NetStream.Play.Start", "V header 2400", "V key 2400");
    assertThat(media(seen)).startsWith("V key 2400").endsWith("A 3485");
    assertThat(lastTime(seen)).isLessThanOrEqualTo(3500);
    assertThat(seen).endsWith("NetStream.Play.Stop");
  }

  @Test
  void looksForTheNameWithAndWithoutItsEnding() {
    player.files.put("odd", clip.bytes());
    player.play("flv:odd");
    assertThat(player.opened).containsExactly("odd.flv", "odd");
    assertThat(player.seen()).contains("NetStream.Play.Start");
  }

  @Test
  void saysHowLongAFileIsToWhoAsksBeforeItPlays() {
    player.files.put("films/one.flv", clip.bytes());
    player.length("films/one");
    player.length("flv:films/one.flv");
    player.length("films/none");
    assertThat(player.seen()).containsExactly("_result 7.965", "_result 7.965", "_result 0.0");
    player.pending = new ArrayList<>();
    player.length("films/one");
    player.play("films/one");
    assertThat(player.seen()).isEmpty();
    player.answer();
    assertThat(player.seen()).startsWith("_result 7.965", "control 4");
  }

  @Test
  void aLengthThatIsNotFoundOutInTimeIsZeroAndOnlyOneIsLookedUp() {
    player.files.put("one.flv", clip.bytes());
    player.play("one"); // who plays is not closed for asking nothing
    player.pass(Duration.ofSeconds(6));
    player.seen();
    player.pending = new ArrayList<>();
    player.length("one");
    player.length("one");
    assertThat(player.seen()).as("the second").containsExactly("_result 0.0");
    assertThat(player.open).as("played and looked at").isEqualTo(2);
    player.pass(Duration.ofSeconds(61));
    assertThat(player.seen()).as("the first").containsExactly("_result 0.0");
    assertThat(player.open).as("played").isOne();
    player.answer();
  }

  @Test
  void aLengthIsForWhoMayPlayOnly() {
    player.files.put("one.flv", clip.bytes());
    player.needsToken = true;
    player.length("one");
    player.length("one?token=of%20/vod/one");
    assertThat(player.seen()).containsExactly("_result 0.0", "_result 7.965");
  }

  @Test
  void whoLeavesWhileALengthIsLookedUpLeavesNothingOpen() {
    player.files.put("one.flv", clip.bytes());
    player.pending = new ArrayList<>();
    player.length("one");
    player.channel.close();
    assertThat(player.open).isZero();
  }

  @Test
  void playsAFileByThePercentEncodedNameThatHttpHasForIt() {
    player.files.put("films/a b é.flv", clip.bytes());
    player.play("films/a%20b%20%C3%A9");
    assertThat(player.seen()).contains("NetStream.Play.Start");
    player.play("films%2fa");
    assertThat(player.seen()).containsExactly("NetStream.Play.StreamNotFound");
    assertThat(player.opened).containsExactly("films/a b é.flv");
  }

  @Test
  void aFileNeedsATokenWhereStreamsDo() {
    player.files.put("films/one.flv", clip.bytes());
    player.needsToken = true;
    player.play("films/one?token=of%20/vod/films/one");
    assertThat(player.seen()).contains("NetStream.Play.Start");
    player.play("films/one.flv");
    assertThat(player.seen()).containsExactly("NetStream.Play.Denied");
    assertThat(player.channel.isOpen()).isFalse();
  }

  @Test
  void saysWhenThereIsNoSuchFile() {
    player.play("none");
    assertThat(player.seen()).containsExactly("NetStream.Play.StreamNotFound");
    assertThat(player.channel.isOpen()).isFalse();
    assertThat(counted("not_found")).isTrue();
  }

  @Test
  void neverLooksOutsideOfTheFiles() {
    player.play("../../etc/passwd");
    assertThat(player.seen()).containsExactly("NetStream.Play.StreamNotFound");
    assertThat(player.opened).isEmpty();
  }

  @Test
  void saysWhenAFileIsNoFlv() {
    player.files.put("one.mp4", new byte[5000]);
    player.play("mp4:one.mp4");
    assertThat(player.seen()).containsExactly("NetStream.Play.FileStructureInvalid");
    assertThat(counted("not_flv")).isTrue();
  }

  @Test
  void playsATruncatedFileToItsLastWholeTag() {
    byte[] whole = clip.bytes();
    player.files.put("one.flv", Arrays.copyOf(whole, whole.length - 30));
    player.play("one", 7000);
    player.pass(BURST);
    List<String> seen = player.seen();
    assertThat(media(seen)).endsWith("A 7925", "V 7960");
    assertThat(seen).endsWith("NetStream.Play.Stop");
  }

  @Test
  void readsNoFurtherThanTheLineTakes() {
    FlvBytes big = FlvBytes.clip(20, 30_000);
    player.files.put("one.flv", big.bytes());
    player.line(false);
    player.play("one");
    assertThat(media(player.seen())).isEmpty();
    assertThat(player.bytesRead).as("its two ends only").isLessThan(400_000);
    player.line(true);
    assertThat(lastTime(player.seen())).isBetween(2950L, 3000L);
    long read = player.bytesRead;
    player.line(false);
    player.pass(Duration.ofSeconds(10));
    assertThat(player.bytesRead - read).isLessThanOrEqualTo(64 << 10);
  }

  @Test
  void disconnectsAViewerThatTakesNothing() {
    player.files.put("one.flv", clip.bytes());
    player.play("one");
    player.line(false);
    player.pass(Duration.ofSeconds(59));
    assertThat(player.channel.isOpen()).isTrue();
    player.pass(Duration.ofSeconds(10));
    assertThat(player.channel.isOpen()).isFalse();
    assertThat(counted("stalled")).isTrue();
  }

  @Test
  void disconnectsAViewerThatPausesForTooLongOrForgetsToLeave() {
    player.files.put("one.flv", clip.bytes());
    player.play("one");
    player.pause(true);
    player.pass(Duration.ofSeconds(599));
    assertThat(player.channel.isOpen()).isTrue();
    player.pass(Duration.ofSeconds(2));
    assertThat(player.channel.isOpen()).isFalse();
    assertThat(counted("idle")).isTrue();
  }

  @Test
  void aSeekDuringAReadThrowsAwayWhatTheReadBrings() {
    player.files.put("one.flv", clip.bytes());
    player.play("one");
    player.seen();
    player.pending = new ArrayList<>();
    player.pass(Duration.ofSeconds(6));
    player.seen();
    assertThat(player.pending).hasSize(1);
    player.seek(400);
    player.seek(800);
    assertThat(player.seen()).isEmpty();
    player.answer();
    List<String> seen = player.seen();
    assertThat(seen).startsWith("NetStream.Seek.Notify");
    assertThat(media(seen)).startsWith("V key 800", "A 805");
    assertThat(seen.stream().filter(line -> line.equals("NetStream.Seek.Notify"))).hasSize(1);
  }

  @Test
  void aViewerThatMovesTheSliderOnGetsTheLastPlaceOnly() {
    player.files.put("one.flv", clip.bytes());
    player.play("one");
    player.seen();
    player.pending = new ArrayList<>();
    player.seek(2000);
    player.seek(6000); // while the place for the first is looked for
    player.answer();
    List<String> seen = player.seen();
    assertThat(seen).filteredOn("NetStream.Seek.Notify"::equals).hasSize(1);
    assertThat(media(seen)).first().isEqualTo("V key 6000");
  }

  @Test
  void leavingWhileTheFileIsReadLeavesNothingBehind() {
    player.pending = new ArrayList<>();
    player.files.put("one.flv", clip.bytes());
    player.play("one");
    assertThat(player.pending).hasSize(1);
    player.close();
    player.answer();
    assertThat(counted("stopped")).isTrue();
  }
}
