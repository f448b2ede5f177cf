package dev.sluice.lab.bench;

import dev.sluice.lab.tls.TlsLine;
import io.netty.channel.IoEvent;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.epoll.LinuxSocket;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * One viewer: a socket on Netty's epoll loop without a channel or pipeline.
 *
 * <p>It reads messages until the first picture. From then on a plain viewer drops what comes in one
 * system call per wake-up, encrypted as it is if there is TLS; a sampled one goes on reading.
 *
 * <p>Threading: confined to its loop.
 */
final class Viewer implements EpollIoHandle, PlayProtocol.Peer {
  enum State {
    CONNECTING,
    STARTING,
    PLAYING,
    ENDED
  }

  private final ViewerLoop loop;
  private final LinuxSocket socket;
  private final PlayProtocol protocol;
  private final int number;
  private final boolean sampled;
  final FrameWatch watch;

  private State state = State.CONNECTING;
  private String reason = "";
  private @Nullable TlsLine tls;
  private @Nullable IoRegistration registration;
  private final long openedNanos;
  private long now;
  private long acknowledged;

  private long bytes;
  private long reads;
  private long lastReadNanos;
  private long windowBytes;
  private long windowReads;
  private long stalls;
  private boolean inWindow;
  private boolean counted;

  Viewer(
      ViewerLoop loop,
      LinuxSocket socket,
      StreamUrl url,
      int number,
      boolean sampled,
      FrameWatch watch) {
    this.loop = loop;
    this.socket = socket;
    this.number = number;
    this.sampled = sampled;
    this.watch = watch;
    this.protocol = PlayProtocol.of(url, this);
    this.openedNanos = System.nanoTime();
  }

  /** Speaks TLS, from the connect on; takes ownership. */
  void secure(TlsLine line) {
    tls = line;
  }

  void registered(IoRegistration registration, boolean connected) {
    this.registration = registration;
    if (connected) {
      established();
    } else {
      registration.submit(EpollIoOps.EPOLLOUT);
    }
  }

  @Override
  public FileDescriptor fd() {
    return socket;
  }

  @Override
  public void handle(IoRegistration source, IoEvent event) {
    try {
      switch (state) {
        case CONNECTING -> {
          if (socket.finishConnect()) {
            established();
          }
        }
        case STARTING, PLAYING -> receive();
        case ENDED -> {}
      }
    } catch (SSLException e) {
      fail("TLS: " + e.getMessage());
    } catch (IOException | IllegalStateException e) {
      fail(String.valueOf(e.getMessage()));
    }
  }

  private void established() {
    state = State.STARTING;
    if (registration != null) {
      registration.submit(EpollIoOps.EPOLLIN);
    }
    TlsLine line = tls;
    if (line == null) {
      protocol.connected();
      return;
    }
    try {
      line.begin();
    } catch (IOException e) {
      fail(String.valueOf(e.getMessage()));
    }
  }

  private void receive() throws IOException {
    boolean parse = sampled || state == State.STARTING;
    long taken = parse ? -1 : Discard.receive(socket);
    if (taken < 0) {
      taken = loop.read(socket);
      if (taken == 0) {
        return; // nothing there after all
      }
      parse = true;
    }
    if (taken <= 0) {
      fail("closed by the server");
      return;
    }
    count(taken);
    if (parse && (sampled || state == State.STARTING)) {
      take(loop.lastRead());
    }
    if (bytes - acknowledged >= protocol.acknowledgeEvery()) {
      acknowledge();
    }
  }

  private void take(ByteBuffer in) throws IOException {
    TlsLine line = tls;
    if (line == null) {
      protocol.receive(in);
      return;
    }
    boolean stood = line.stands();
    line.receive(in, protocol::receive);
    if (!stood && line.stands()) {
      protocol.connected();
    }
    if (state == State.PLAYING && !sampled) {
      endTls();
    }
  }

  /** What comes is dropped from here on, and nothing is said. */
  private void endTls() {
    TlsLine line = tls;
    tls = null;
    if (line != null) {
      line.close();
    }
  }

  private void count(long taken) {
    now = System.nanoTime();
    if (inWindow) {
      long gap = now - lastReadNanos;
      loop.readGaps.record(gap);
      if (gap > loop.stallNanos) {
        stalls++;
      }
    }
    lastReadNanos = now;
    bytes += taken;
    reads++;
  }

  @Override
  public void message(int type, long timestampMs, int length, byte[] head, int headBytes) {
    watch.message(type, timestampMs, head, headBytes, now, inWindow);
    if (state == State.STARTING && watch.started()) {
      state = State.PLAYING;
      loop.comesOrGoes(-1);
    }
  }

  @Override
  public void send(byte[] data) {
    if (state == State.ENDED) {
      return;
    }
    try {
      TlsLine line = tls;
      if (line != null) {
        line.send(ByteBuffer.wrap(data));
      } else if (loop.write(socket, data) != data.length) {
        fail("the server does not read");
      }
    } catch (IOException e) {
      fail(String.valueOf(e.getMessage()));
    }
  }

  /** Sends what is encrypted already: a direct buffer, borrowed. */
  void sendRaw(ByteBuffer data) throws IOException {
    if (socket.send(data, data.position(), data.limit()) != data.remaining()) {
      throw new IOException("the server does not read");
    }
  }

  @Override
  public void fail(String why) {
    if (state != State.ENDED) {
      reason = why;
      close();
    }
  }

  void acknowledge() {
    if (state == State.PLAYING) {
      acknowledged = bytes;
      protocol.acknowledge(bytes);
    }
  }

  void startWindow(long at) {
    inWindow = state == State.PLAYING;
    counted = inWindow;
    windowBytes = bytes;
    windowReads = reads;
    stalls = 0;
    lastReadNanos = at;
    watch.startWindow();
  }

  /** Ends the window; a silence that lasts until now counts. */
  void endWindow(long at) {
    if (inWindow) {
      windowBytes = bytes - windowBytes;
      windowReads = reads - windowReads;
      long silence = at - lastReadNanos;
      if (silence > loop.stallNanos) {
        stalls++;
        loop.readGaps.record(silence);
      }
    }
    inWindow = false;
  }

  /** Gives up a viewer that has not started in time. */
  void endUnstarted() {
    if (state != State.PLAYING) {
      fail("no picture in time, waiting for " + stage());
    }
  }

  private String stage() {
    TlsLine line = tls;
    return state == State.CONNECTING
        ? "TCP connect"
        : line != null && !line.stands() ? "TLS handshake" : protocol.stage();
  }

  @Override
  public void close() {
    if (state == State.ENDED) {
      return;
    }
    if (state != State.PLAYING) {
      loop.comesOrGoes(-1);
    }
    state = State.ENDED;
    if (registration != null) {
      registration.cancel();
    }
    try {
      socket.close();
    } catch (IOException e) {
      reason = reason.isEmpty() ? String.valueOf(e.getMessage()) : reason;
    }
    endTls();
  }

  State state() {
    return state;
  }

  /** True when it was playing as the window began. */
  boolean counted() {
    return counted;
  }

  /** Counts from 0 over all loops; 0 began alone. */
  int number() {
    return number;
  }

  boolean sampled() {
    return sampled;
  }

  String reason() {
    return reason;
  }

  long openedNanos() {
    return openedNanos;
  }

  /** Bytes in the window, once it has ended. */
  long windowBytes() {
    return windowBytes;
  }

  long windowReads() {
    return windowReads;
  }

  long stalls() {
    return stalls;
  }
}
