package dev.sluice.origin.files;

import dev.sluice.media.vod.VodFile;
import dev.sluice.media.vod.VodSource;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stored files for players over RTMP, read on virtual threads.
 *
 * <p>Threading: any event loop; a file is confined to the loop it was opened on.
 */
public final class StoredVodFiles implements VodSource {
  private static final Logger log = LoggerFactory.getLogger(StoredVodFiles.class);

  private final FileStore store;

  /** The files of a store. */
  public StoredVodFiles(FileStore store) {
    this.store = store;
  }

  @Override
  public void open(String path, EventLoop loop, Consumer<Opened> answer) {
    if (FilePath.fault(path) != null) {
      answer.accept(new Absent());
      return;
    }
    Thread.ofVirtual().name("vod-open").start(() -> tell(loop, look(path, loop), answer));
  }

  private Opened look(String path, EventLoop loop) {
    try {
      OpenFile file = store.open(new FilePath(path));
      return file == null ? new Absent() : new Found(new StoredVodFile(file, loop));
    } catch (IOException e) {
      log.warn("file not opened path={} reason=\"{}\"", path, e.toString());
      return new Unavailable("The origin could not read its disk.");
    }
  }

  private static void tell(EventLoop loop, Opened opened, Consumer<Opened> answer) {
    try {
      loop.execute(() -> answer.accept(opened));
    } catch (RejectedExecutionException e) {
      if (opened instanceof Found(VodFile file)) {
        file.close();
      }
    }
  }

  private static final class StoredVodFile implements VodFile {
    private final OpenFile file;
    private final EventLoop loop;
    private @Nullable Reader waiting;
    private boolean closed;

    StoredVodFile(OpenFile file, EventLoop loop) {
      this.file = file;
      this.loop = loop;
    }

    @Override
    public long length() {
      return file.size();
    }

    @Override
    public void read(long position, int max, Reader reader) {
      if (closed) {
        reader.failed("closed");
        return;
      }
      waiting = reader;
      int wanted = (int) Math.min(max, file.size() - position);
      Thread.ofVirtual().name("vod-read").start(() -> fetch(position, wanted));
    }

    private void fetch(long position, int wanted) {
      ByteBuf bytes = ByteBufAllocator.DEFAULT.buffer(wanted, wanted);
      try {
        while (bytes.isWritable()) {
          ByteBuffer room = bytes.nioBuffer(bytes.writerIndex(), bytes.writableBytes());
          int count = file.content().read(room, position + bytes.readableBytes());
          if (count <= 0) {
            break;
          }
          bytes.writerIndex(bytes.writerIndex() + count);
        }
        loop.execute(() -> deliver(bytes));
      } catch (IOException e) {
        bytes.release();
        if (!(e instanceof java.nio.channels.ClosedChannelException)) {
          log.warn("file not read file={} reason=\"{}\"", file.path(), e.toString());
        }
        fail();
      } catch (RejectedExecutionException e) {
        bytes.release();
      }
    }

    private void deliver(ByteBuf bytes) {
      Reader to = waiting;
      waiting = null;
      if (to == null) {
        bytes.release(); // closed meanwhile
      } else if (bytes.isReadable()) {
        to.bytes(bytes);
      } else {
        bytes.release();
        to.failed("The file is shorter than it was.");
      }
    }

    private void fail() {
      try {
        loop.execute(
            () -> {
              Reader to = waiting;
              waiting = null;
              if (to != null) {
                to.failed("The origin could not read its disk.");
              }
            });
      } catch (RejectedExecutionException e) {
        log.debug("loops are shut down");
      }
    }

    @Override
    public void close() {
      closed = true;
      Reader to = waiting;
      waiting = null;
      if (to != null) {
        to.failed("closed");
      }
      try {
        file.close();
      } catch (IOException e) {
        log.debug("not closed file={} reason=\"{}\"", file.path(), e.toString());
      }
    }
  }
}
