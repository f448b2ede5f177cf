package dev.sluice.balancer.dns;

import static dev.sluice.balancer.dns.TestZone.addresses;
import static dev.sluice.balancer.dns.TestZone.edns;
import static dev.sluice.balancer.dns.TestZone.query;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.lifecycle.ListenException;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import dev.sluice.testkit.Tool;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.Type;

@ExtendWith(LeakCheck.class)
class DnsServerTest {
  private static final Meters METERS = new Meters();
  private static final EventLoops LOOPS = EventLoops.create(2);
  private static final DnsServer SERVER =
      new DnsServer(TestZone.CONFIG, LOOPS, TestZone.answers(), METERS);

  @BeforeAll
  static void start() {
    SERVER.start();
  }

  @AfterAll
  static void stop() {
    SERVER.close();
    LOOPS.close();
    METERS.close();
  }

  @Test
  void answersDnsjavaOverUdpAndTcp() throws Exception {
    for (boolean tcp : new boolean[] {false, true}) {
      SimpleResolver resolver = new SimpleResolver(SERVER.address());
      resolver.setTCP(tcp);
      assertThat(addresses(resolver.send(query("cdn.example", Type.A))))
          .containsExactly("127.0.0.21");
    }
  }

  @Test
  void everySocketOfThePortAnswers() throws Exception {
    for (int i = 0; i < 32; i++) {
      try (DatagramSocket client = new DatagramSocket()) {
        byte[] answer = exchange(client, query("cdn.example", Type.A).toWire());
        assertThat(addresses(new Message(answer))).hasSize(1);
      }
    }
  }

  @Test
  void survivesGarbageAndGoesOnAnswering() throws Exception {
    Random random = new Random(3);
    byte[] valid = query("cdn.example", Type.A).toWire();
    try (DatagramSocket client = new DatagramSocket();
        DatagramSocket quiet = new DatagramSocket()) {
      for (int i = 0; i < 500; i++) {
        byte[] garbage = Arrays.copyOf(valid, random.nextInt(valid.length));
        if (garbage.length > 0) {
          garbage[random.nextInt(garbage.length)] = (byte) random.nextInt(256);
        }
        send(quiet, garbage);
      }
      send(quiet, new byte[6000]);
      assertThat(addresses(new Message(exchange(client, valid)))).hasSize(1);
    }
    assertThat(METERS.counter(DnsMeters.ANSWERS, "udp", "formerr").count()).isPositive();
    assertThat(METERS.counter(DnsMeters.DROPPED, "short").count()).isPositive();
  }

  @Test
  void answersPipelinedQueriesWhoseBytesArriveOneByOne() throws Exception {
    try (Socket socket = connect()) {
      DataOutputStream out = new DataOutputStream(socket.getOutputStream());
      List<Integer> ids = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        Message query = query("cdn.example", Type.A);
        ids.add(query.getHeader().getID());
        byte[] bytes = query.toWire();
        out.write(bytes.length >> 8);
        out.flush();
        out.write(bytes.length);
        for (byte b : bytes) {
          out.write(b);
          out.flush();
        }
      }
      DataInputStream in = new DataInputStream(socket.getInputStream());
      for (int id : ids) {
        Message answer = new Message(in.readNBytes(in.readUnsignedShort()));
        assertThat(answer.getHeader().getID()).isEqualTo(id);
      }
    }
  }

  @Test
  void answersAllOfAClientThatEndsBehindItsQueriesAndReadsLate() throws Exception {
    byte[] wire = query("a.b.cdn.example", Type.TXT).toWire();
    int count = 20_000;
    try (Socket socket = connect()) {
      socket.setSoTimeout((int) Await.PATIENCE.toMillis());
      DataOutputStream out =
          new DataOutputStream(new BufferedOutputStream(socket.getOutputStream(), 1 << 16));
      Thread asking =
          Thread.startVirtualThread(
              () -> {
                try {
                  for (int i = 0; i < count; i++) {
                    out.writeShort(wire.length);
                    out.write(wire);
                  }
                  out.flush();
                  socket.shutdownOutput();
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
      DataInputStream in =
          new DataInputStream(new BufferedInputStream(socket.getInputStream(), 1 << 16));
      for (int i = 0; i < count; i++) {
        in.skipNBytes(in.readUnsignedShort());
      }
      asking.join();
      assertThat(in.read()).isEqualTo(-1);
    }
  }

  @Test
  void closesAConnectionThatSendsNoQuery() throws Exception {
    byte[][] faults = {{0, 0}, {0, 3, 1, 2, 3}, {(byte) 0xff, (byte) 0xff, 1}};
    for (byte[] fault : faults) {
      try (Socket socket = connect()) {
        socket.getOutputStream().write(fault);
        assertThat(socket.getInputStream().read()).isEqualTo(-1);
      }
    }
  }

  @Test
  void closesIdleConnectionsAndThoseAboveTheLimitOfOneClient() throws Exception {
    DnsConfig strict = strict(Duration.ofSeconds(3), 0);
    Meters meters = new Meters();
    try (meters;
        DnsServer server = new DnsServer(strict, LOOPS, TestZone.answers(), meters)) {
      server.start();
      try (Socket one = connect(server);
          Socket two = connect(server)) {
        Await.until(
            Duration.ofSeconds(5),
            "two connections",
            () -> meters.scrape().contains("sluice_dns_tcp_connections 2.0"));
        try (Socket three = connect(server)) {
          assertThat(three.getInputStream().read()).isEqualTo(-1);
        }
        assertThat(one.getInputStream().read()).isEqualTo(-1);
        assertThat(two.getInputStream().read()).isEqualTo(-1);
      }
      assertThat(meters.counter(DnsMeters.DROPPED, "connection_limit").count()).isEqualTo(1);
    }
  }

  @Test
  void aFloodOverUdpGetsFewAnswersAndSomeThatSendItToTcp() throws Exception {
    Meters meters = new Meters();
    try (meters;
        DnsServer server =
            new DnsServer(strict(Duration.ofSeconds(10), 5), LOOPS, TestZone.answers(), meters)) {
      server.start();
      byte[] query = edns("cdn.example", Type.A, 1232).toWire();
      try (DatagramSocket flood = new DatagramSocket()) {
        for (int i = 0; i < 200; i++) {
          flood.send(new DatagramPacket(query, query.length, server.address()));
        }
        Await.until(
            Duration.ofSeconds(20),
            "truncated answers",
            () -> meters.counter(DnsMeters.LIMITED, "truncated").count() > 5);
        flood.setSoTimeout(90_000);
        Message answer = receive(flood);
        while (!answer.getHeader().getFlag(Flags.TC)) {
          answer = receive(flood);
        }
        assertThat(answer.getSection(Section.ANSWER)).isEmpty();
        assertThat(answer.getQuestion().getName()).hasToString("cdn.example.");
        assertThat(answer.getOPT()).isNotNull();
      }
      assertThat(meters.counter(DnsMeters.LIMITED, "dropped").count()).isPositive();
      assertThat(meters.counter(DnsMeters.ANSWERS, "udp", "noerror").count()).isLessThan(190);
      SimpleResolver resolver = new SimpleResolver(server.address());
      resolver.setTCP(true);
      assertThat(addresses(resolver.send(query("cdn.example", Type.A)))).hasSize(1);
    }
  }

  private static Message receive(DatagramSocket socket) throws Exception {
    DatagramPacket packet = new DatagramPacket(new byte[4096], 4096);
    socket.receive(packet);
    return new Message(Arrays.copyOf(packet.getData(), packet.getLength()));
  }

  /** Two connections a client, and a limit that holds for loopback too if it is not 0. */
  private static DnsConfig strict(Duration idle, int answersPerSecond) {
    DnsConfig c = TestZone.CONFIG;
    return new DnsConfig(
        c.zone(),
        c.bind(),
        0,
        c.also(),
        c.nameServers(),
        c.edgeNames(),
        c.records(),
        c.ttl(),
        c.negativeTtl(),
        c.recordTtl(),
        c.addresses(),
        idle,
        100,
        2,
        c.tcpLifetime(),
        answersPerSecond,
        2,
        List.of());
  }

  @Test
  void saysWhenItsPortIsTaken() {
    DnsConfig taken =
        DnsConfig.of("cdn.example", "127.0.0.1", SERVER.address().getPort(), List.of());
    Meters meters = new Meters();
    try (meters;
        DnsServer second = new DnsServer(taken, LOOPS, TestZone.answers(), meters)) {
      assertThatThrownBy(second::start)
          .isInstanceOf(ListenException.class)
          .hasMessageContaining("is in use");
    }
  }

  @Test
  void kdigSeesTheSubnetsEdgesAndTheScope() throws Exception {
    String kdig = Tool.require("kdig");
    String answer =
        run(kdig, "@127.0.0.1", "-p", port(), "+subnet=81.2.69.160/32", "cdn.example", "A");
    assertThat(answer).contains("127.0.0.11").contains("127.0.0.12");
    assertThat(answer).contains("CLIENT-SUBNET: 81.2.69.160/32/16").contains("NOERROR");

    assertThat(run(kdig, "@127.0.0.1", "-p", port(), "+short", "+tcp", "cdn.example", "A"))
        .isEqualToIgnoringNewLines("127.0.0.21");
    assertThat(run(kdig, "@127.0.0.1", "-p", port(), "+nsid", "+edns=1", "cdn.example", "A"))
        .contains("BADVERS");
    assertThat(run(kdig, "@127.0.0.1", "-p", port(), "+nsid", "cdn.example", "SOA"))
        .contains("balancer-1")
        .contains("hostmaster.cdn.example.");
  }

  private static String port() {
    return String.valueOf(SERVER.address().getPort());
  }

  private static String run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    byte[] all = process.getInputStream().readAllBytes();
    process.waitFor();
    return new String(all, StandardCharsets.UTF_8);
  }

  private static Socket connect() throws Exception {
    return connect(SERVER);
  }

  private static Socket connect(DnsServer server) throws Exception {
    Socket socket = new Socket(server.address().getAddress(), server.address().getPort());
    socket.setSoTimeout(90_000);
    return socket;
  }

  private static void send(DatagramSocket socket, byte[] bytes) throws Exception {
    InetSocketAddress to = SERVER.address();
    socket.send(new DatagramPacket(bytes, bytes.length, to));
  }

  /** Asks again when nothing comes, as a resolver does: a datagram may be lost. */
  private static byte[] exchange(DatagramSocket socket, byte[] query) throws Exception {
    socket.setSoTimeout(1_000);
    for (int attempt = 1; ; attempt++) {
      send(socket, query);
      DatagramPacket answer = new DatagramPacket(new byte[4096], 4096);
      try {
        socket.receive(answer);
        return Arrays.copyOf(answer.getData(), answer.getLength());
      } catch (SocketTimeoutException e) {
        if (attempt == 10) {
          throw e;
        }
      }
    }
  }
}
