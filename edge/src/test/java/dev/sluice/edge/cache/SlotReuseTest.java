package dev.sluice.edge.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.metrics.Meters;
import dev.sluice.edge.cache.disk.CopiedRegion;
import dev.sluice.edge.cache.disk.SliceKey;
import dev.sluice.edge.cache.disk.Slot;
import dev.sluice.edge.cache.disk.SlotStore;
import dev.sluice.testkit.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.FileRegion;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * sendfile puts references to the file's pages into the socket, not copies: what is there stays
 * there until the peer has read it, long after the slot was unpinned.
 */
@ExtendWith(LeakCheck.class)
class SlotReuseTest {
  private static final int SLICE = 64 * 1024;

  @TempDir Path dir;

  private static byte[] bytes(int n) {
    byte[] bytes = new byte[SLICE];
    new Random(n).nextBytes(bytes);
    return bytes;
  }

  private static boolean store(SlotStore store, int n) throws Exception {
    ByteBuf[] pieces = {Unpooled.copiedBuffer(bytes(n))};
    CompletableFuture<Boolean> done = new CompletableFuture<>();
    store.store(new SliceKey(1, n, n), pieces, done::complete);
    boolean kept = done.get(90, TimeUnit.SECONDS);
    pieces[0].release();
    return kept;
  }

  @Test
  void whatASocketStillHoldsOutlivesTheSlot() throws Exception {
    try (Meters meters = new Meters();
        SlotStore store = SlotStore.open(dir, 1, SLICE, meters);
        ServerSocketChannel server = ServerSocketChannel.open()) {
      server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      try (SocketChannel viewer = SocketChannel.open(server.getLocalAddress());
          SocketChannel edge = server.accept()) {
        assertThat(store(store, 1)).isTrue();
        Slot slot = store.pin(new SliceKey(1, 1, 1));
        assertThat(slot).isNotNull();
        FileRegion region = store.region(slot, 0, SLICE);
        while (region.transferred() < SLICE) {
          region.transferTo(edge, region.transferred());
        }
        region.release();
        // The one slot there is gets another slice, twice, before the viewer reads.
        assertThat(store(store, 2)).isTrue();
        assertThat(store(store, 3)).isTrue();
        InputStream in = Channels.newInputStream(viewer);
        assertThat(Arrays.equals(in.readNBytes(SLICE), bytes(1))).isTrue();
      }
    }
  }

  /** For file systems that cannot do the above. */
  @Test
  void aCopyIsSentInPiecesAndGivesThePinBack() throws Exception {
    byte[] content = new byte[SLICE + 100];
    new Random(7).nextBytes(content);
    Path path = Files.write(dir.resolve("slots"), content);
    Slot slot = new Slot(0, new SliceKey(1, 1, 1), content.length, 0, true);
    assertThat(slot.pin()).isTrue();
    try (FileChannel file = FileChannel.open(path)) {
      CopiedRegion region = new CopiedRegion(file, 10, SLICE + 50, slot);
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      while (region.transferred() < region.count()) {
        region.transferTo(Channels.newChannel(out), region.transferred());
      }
      assertThat(out.toByteArray()).isEqualTo(Arrays.copyOfRange(content, 10, SLICE + 60));
      assertThat(slot.retire()).isFalse();
      region.release();
      assertThat(slot.retire()).isTrue();
    }
  }
}
