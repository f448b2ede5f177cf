package dev.sluice.lab.bench;

import dev.sluice.lab.tls.TlsLine;
import dev.sluice.lab.tls.TlsLines;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.LinuxSocket;
import io.netty.channel.unix.Socket;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The viewers of one event loop with the buffers and histograms that they share.
 *
 * <p>Threading: confined to the loop, but for the constructor.
 */
final class ViewerLoop {
  private static final int READ_BYTES = 64 * 1024;
  private static final int WRITE_BYTES = 8 * 1024;
  private static final int IPPROTO_IP = 0;
  private static final int IP_BIND_ADDRESS_NO_PORT = 24;
  private static final int ROUND_PARTS = 100;
  private static final long ROUND_TICK_MS = 200;

  final Histogram readGaps = new Histogram();
  final Histogram frameGaps = new Histogram();
  final Histogram latency = new Histogram();
  final long stallNanos;

  private final IoEventLoop loop;
  private final LiveOptions options;
  private final List<Viewer> viewers = new ArrayList<>();
  private final ByteBuffer in = ByteBuffer.allocateDirect(READ_BYTES);
  private final ByteBuffer out = ByteBuffer.allocateDirect(WRITE_BYTES);
  private @Nullable TlsLines tls;
  private int inBytes;
  private int nextToAcknowledge;

  /** Viewers without a picture so far; written by this loop only. */
  private volatile int onTheirWay;

  ViewerLoop(IoEventLoop loop, LiveOptions options) {
    this.loop = loop;
    this.options = options;
    this.stallNanos = options.stall().toNanos();
  }

  IoEventLoop eventLoop() {
    return loop;
  }

  List<Viewer> viewers() {
    return viewers;
  }

  /**
   * Lets each viewer acknowledge once in 20 s, a few at a time: servers that ping (nginx-rtmp) take
   * any byte for a sign of life, and a viewer that discards does not see the ping.
   */
  void start() {
    var _ =
        loop.scheduleAtFixedRate(
            this::acknowledgeSome, ROUND_TICK_MS, ROUND_TICK_MS, TimeUnit.MILLISECONDS);
  }

  private void acknowledgeSome() {
    int some = Math.min(viewers.size(), viewers.size() / ROUND_PARTS + 1);
    for (int i = 0; i < some; i++) {
      nextToAcknowledge = nextToAcknowledge + 1 < viewers.size() ? nextToAcknowledge + 1 : 0;
      viewers.get(nextToAcknowledge).acknowledge();
    }
  }

  /** Opens the viewer with this number, counting from 0 over all loops. */
  void open(int number) {
    open(number, options.urlOf(number));
  }

  /** Opens a viewer of this stream. */
  Viewer open(int number, StreamUrl url) {
    boolean sampled = options.sampled(number);
    InetSocketAddress target = url.address();
    boolean ipv6 = target.getAddress() instanceof java.net.Inet6Address;
    LinuxSocket socket = LinuxSocket.newSocketStream(ipv6);
    FrameWatch watch = new FrameWatch(frameGaps, latency);
    Viewer viewer = new Viewer(this, socket, url, number, sampled, watch);
    viewers.add(viewer);
    comesOrGoes(1);
    try {
      socket.setTcpNoDelay(true);
      SourceAddresses sources = options.sources();
      if (sources != null) {
        socket.setIntOpt(IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
        socket.bind(new InetSocketAddress(sources.of(number), 0));
      }
      if (url.secure()) {
        viewer.secure(line(viewer::sendRaw));
      }
      boolean connected = socket.connect(target);
      Future<IoRegistration> registration = loop.register(viewer);
      registration.addListener(done -> registered(viewer, registration, connected));
    } catch (IOException e) {
      viewer.fail(String.valueOf(e.getMessage()));
    }
    return viewer;
  }

  /** Forgets a viewer that has ended. */
  void remove(Viewer viewer) {
    viewers.remove(viewer);
  }

  /** How many have no picture so far; from any thread. */
  int onTheirWay() {
    return onTheirWay;
  }

  /** Counts a viewer that is on its way (1), or is no more (-1): it plays or has failed. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
  void comesOrGoes(int change) {
    onTheirWay += change;
  }

  private static void registered(
      Viewer viewer, Future<IoRegistration> registration, boolean connected) {
    if (registration.isSuccess()) {
      viewer.registered(registration.getNow(), connected);
    } else {
      viewer.fail("epoll: " + registration.cause());
    }
  }

  /** Reads into the shared buffer: bytes, 0 for nothing there, below 0 for the end. */
  int read(Socket socket) throws IOException {
    inBytes = socket.recv(in, 0, in.capacity());
    return inBytes;
  }

  ByteBuffer lastRead() {
    return in.position(0).limit(Math.max(0, inBytes));
  }

  int write(Socket socket, byte[] data) throws IOException {
    out.clear().put(data);
    return socket.send(out, 0, data.length);
  }

  /** TLS for one more viewer. */
  TlsLine line(TlsLine.Wire wire) throws IOException {
    TlsLines lines = tls;
    if (lines == null) {
      lines = new TlsLines();
      tls = lines;
    }
    return lines.add(wire);
  }

  void startWindow() {
    readGaps.clear();
    frameGaps.clear();
    latency.clear();
    long now = System.nanoTime();
    for (Viewer viewer : viewers) {
      viewer.startWindow(now);
    }
  }

  void endWindow() {
    long now = System.nanoTime();
    for (Viewer viewer : viewers) {
      viewer.endWindow(now);
    }
  }

  void closeAll() {
    for (Viewer viewer : viewers) {
      viewer.close();
    }
  }
}
