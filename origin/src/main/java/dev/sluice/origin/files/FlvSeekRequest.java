package dev.sluice.origin.files;

import dev.sluice.chassis.http.ReadableFile;
import dev.sluice.media.vod.FileProbe;
import dev.sluice.media.vod.FlvCut;
import dev.sluice.media.vod.FlvOpening;
import dev.sluice.media.vod.FlvSeek;
import dev.sluice.media.vod.SeekQuery;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Finds where an open file goes on for a seeking player. Blocks. */
final class FlvSeekRequest {
  private FlvSeekRequest() {}

  /** Null when the file is no FLV to seek in: it is sent whole then. */
  static @Nullable FlvCut cut(OpenFile file, SeekQuery query) throws IOException {
    FlvOpening opening = new FlvOpening(file.size());
    run(file.content(), opening);
    if (!opening.playable()) {
      return null;
    }
    FlvSeek seek = query.in(opening);
    run(file.content(), seek);
    return FlvCut.at(opening, seek.place());
  }

  private static void run(ReadableFile file, FileProbe probe) throws IOException {
    while (!probe.done()) {
      ByteBuffer part = ByteBuffer.allocate(probe.bytes());
      while (part.hasRemaining() && file.read(part, probe.position() + part.position()) > 0) {}
      ByteBuf seen = Unpooled.wrappedBuffer(part.flip());
      if (!seen.isReadable()) {
        throw new IOException("file is shorter than it was");
      }
      probe.look(seen);
    }
  }
}
