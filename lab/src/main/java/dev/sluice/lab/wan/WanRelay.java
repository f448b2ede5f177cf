package dev.sluice.lab.wan;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * A TCP relay on loopback whose connections behave as over the line of {@link LineConditions}; each
 * connection has a line of its own. What it holds is what would be on its way: when the reader
 * stops, so does the writer, and the sockets' own buffers are kept small so that they do not hide
 * the line.
 *
 * <p>Threading: any thread; an accepting thread, and two virtual threads for each direction of a
 * connection.
 */
public final class WanRelay implements AutoCloseable {
  private static final int SOCKET_BYTES = 16 << 10;
  private static final int ON_THE_WAY = 2_048; // segments

  private final InetSocketAddress target;
  private final LineConditions line;
  private final ServerSocket entry;
  private final SplittableRandom seeds;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger connections = new AtomicInteger();
  private final LongAdder losses = new LongAdder();
  private final LongAdder bytes = new LongAdder();
  private final LongAccumulator overslept = new LongAccumulator(Long::max, 0);

  private WanRelay(InetSocketAddress target, LineConditions line, int port, long seed)
      throws IOException {
    this.target = target;
    this.line = line;
    this.seeds = new SplittableRandom(seed);
    this.entry = new ServerSocket();
    entry.setReceiveBufferSize(SOCKET_BYTES);
    entry.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
  }

  /**
   * Listens on loopback.
   *
   * @param target where connections go on to; loopback too
   * @param port 0 = any free one
   * @param seed of the losses; equal seeds lose equal segments of equal traffic
   * @throws IllegalArgumentException when the target is not loopback
   */
  public static WanRelay start(InetSocketAddress target, LineConditions line, int port, long seed)
      throws IOException {
    InetAddress address = target.getAddress();
    if (address == null || !address.isLoopbackAddress()) {
      throw new IllegalArgumentException("target: " + target + " (expected: a loopback address)");
    }
    WanRelay relay = new WanRelay(target, line, port, seed);
    Thread.ofVirtual().name("wan-accept").start(relay::accept);
    return relay;
  }

  /** Where clients connect. */
  public int port() {
    return entry.getLocalPort();
  }

  /** Connections accepted so far. */
  public int connections() {
    return connections.get();
  }

  /** Segments lost so far. */
  public long losses() {
    return losses.sum();
  }

  /**
   * The longest that a segment which was waited for came behind its time, as this machine had other
   * things to do.
   */
  public Duration overslept() {
    return Duration.ofNanos(overslept.get());
  }

  /** Bytes delivered so far, both ways. */
  public long bytes() {
    return bytes.sum();
  }

  private void accept() {
    while (!entry.isClosed()) {
      try {
        Socket client = entry.accept();
        connections.incrementAndGet();
        SplittableRandom up = seeds.split();
        SplittableRandom down = seeds.split();
        Thread.ofVirtual().name("wan-connect").start(() -> connect(client, up, down));
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private void connect(Socket client, SplittableRandom up, SplittableRandom down) {
    try {
      Socket server = new Socket();
      open.add(client);
      open.add(server);
      server.setReceiveBufferSize(SOCKET_BYTES);
      client.setSendBufferSize(SOCKET_BYTES);
      client.setTcpNoDelay(true);
      server.connect(target);
      server.setTcpNoDelay(true);
      AtomicInteger running = new AtomicInteger(2);
      new Direction(client, server, new TcpLine(line, up), running).start();
      new Direction(server, client, new TcpLine(line, down), running).start();
      if (entry.isClosed()) {
        end(client, server);
      }
    } catch (IOException e) {
      end(client, client);
    }
  }

  private void end(Socket one, Socket other) {
    for (Socket socket : new Socket[] {one, other}) {
      open.remove(socket);
      try {
        socket.close();
      } catch (IOException e) {
        // it is gone either way
      }
    }
  }

  @Override
  public void close() throws IOException {
    entry.close();
    for (Socket socket : open) {
      end(socket, socket);
    }
  }

  /** Bytes on their way; {@code data} of length 0 is the end. */
  private static final class Segment {
    private final byte[] data;
    private final long dueNanos;

    Segment(byte[] data, long dueNanos) {
      this.data = data;
      this.dueNanos = dueNanos;
    }
  }

  /** One direction of one connection. */
  private final class Direction {
    private final Socket from;
    private final Socket to;
    private final TcpLine tcp;
    private final AtomicInteger running;
    private final BlockingQueue<Segment> onTheWay = new ArrayBlockingQueue<>(ON_THE_WAY);
    private final Thread taking = Thread.ofVirtual().name("wan-take").unstarted(this::take);
    private final Thread delivering =
        Thread.ofVirtual().name("wan-deliver").unstarted(this::deliver);

    Direction(Socket from, Socket to, TcpLine tcp, AtomicInteger running) {
      this.from = from;
      this.to = to;
      this.tcp = tcp;
      this.running = running;
    }

    void start() {
      taking.start();
      delivering.start();
    }

    private void fail() {
      end(from, to);
      taking.interrupt();
      delivering.interrupt();
    }

    private void take() {
      byte[] buffer = new byte[TcpLine.SEGMENT_BYTES];
      try {
        while (true) {
          for (long wait; (wait = tcp.waitNanos(System.nanoTime())) > 0; ) {
            LockSupport.parkNanos(wait);
          }
          int read = from.getInputStream().read(buffer);
          long lostBefore = tcp.losses();
          byte[] data = read < 0 ? new byte[0] : Arrays.copyOf(buffer, read);
          onTheWay.put(new Segment(data, tcp.send(data.length, System.nanoTime())));
          losses.add(tcp.losses() - lostBefore);
          if (read < 0) {
            return;
          }
        }
      } catch (IOException | InterruptedException e) {
        fail();
      }
    }

    private void deliver() {
      try {
        while (true) {
          Segment segment = onTheWay.take();
          for (long wait; (wait = segment.dueNanos - System.nanoTime()) > 0; ) {
            LockSupport.parkNanos(wait);
            overslept.accumulate(System.nanoTime() - segment.dueNanos);
          }
          if (segment.data.length == 0) {
            to.shutdownOutput();
            if (running.decrementAndGet() == 0) {
              end(from, to);
            }
            return;
          }
          to.getOutputStream().write(segment.data);
          bytes.add(segment.data.length);
        }
      } catch (IOException | InterruptedException e) {
        fail();
      }
    }
  }
}
