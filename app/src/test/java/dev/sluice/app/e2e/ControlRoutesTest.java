package dev.sluice.app.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.app.demo.DemoFleet;
import dev.sluice.app.demo.DemoOptions;
import dev.sluice.chassis.control.Access;
import dev.sluice.chassis.http.Routes;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** All routes of all servers: what a page of any site can do in the browser of the demo's user. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ControlRoutesTest {
  private DemoFleet fleet;

  @BeforeAll
  void start() throws Exception {
    fleet = DemoFleet.start(DemoOptions.FREE);
  }

  @AfterAll
  void stop() {
    fleet.close();
  }

  private Map<InetSocketAddress, List<Routes.Declared>> servers() {
    return Map.of(
        fleet.origin().httpAddress(),
        fleet.origin().routes(),
        fleet.edge("eu-1").httpAddress(),
        fleet.edge("eu-1").routes(),
        fleet.balancer().httpAddress(),
        fleet.balancer().routes());
  }

  @Test
  void whatChangesSomethingIsForViewersNowhere() {
    List<String> forViewers = new ArrayList<>();
    servers()
        .values()
        .forEach(
            routes ->
                routes.stream()
                    .filter(r -> r.access() == Access.VIEWER && !r.method().equals("GET"))
                    .forEach(r -> forViewers.add(r.method() + " " + r.pattern())));
    assertThat(forViewers)
        .as("the balancer's redirects, and what players say to be counted: they change nothing")
        .containsExactlyInAnyOrder("* /live/**", "* /vod/**", "POST /api/beacon");
  }

  @Test
  void aPageOfAnotherSiteWithTheTokenIsRefusedEverywhere() throws Exception {
    int asked = 0;
    for (Map.Entry<InetSocketAddress, List<Routes.Declared>> server : servers().entrySet()) {
      for (Routes.Declared route : server.getValue()) {
        if (route.access() != Access.VIEWER) {
          asked++;
          for (String mark : List.of("Origin: http://evil.example", "Sec-Fetch-Site: same-site")) {
            String answer = ask(server.getKey(), route, mark);
            assertThat(answer).as(route + " " + mark).startsWith("HTTP/1.1 403");
            assertThat(answer).contains("/cross-origin").doesNotContain("Access-Control");
          }
        }
      }
    }
    assertThat(asked).as("routes for operators and nodes").isGreaterThanOrEqualTo(6);
  }

  private static String ask(InetSocketAddress server, Routes.Declared route, String mark)
      throws IOException {
    String path = route.pattern().replace("**", "page.html").replaceAll("\\{\\w+}", "eu-1");
    String request =
        route.method()
            + " "
            + path
            + " HTTP/1.1\r\nHost: 127.0.0.1:"
            + server.getPort()
            + "\r\nAuthorization: Bearer "
            + DemoFleet.SECRET
            + "\r\nConnection: close\r\nContent-Length: 0\r\n"
            + mark
            + "\r\n\r\n";
    try (Socket socket = new Socket(server.getAddress(), server.getPort())) {
      socket.setSoTimeout(90_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }
  }
}
