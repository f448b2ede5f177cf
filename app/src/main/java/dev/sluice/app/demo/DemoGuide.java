package dev.sluice.app.demo;

import java.net.InetSocketAddress;

/** What the demo prints: what to open, what to play, how to publish, what to ask. */
public final class DemoGuide {
  private DemoGuide() {}

  /** The text for a running fleet. */
  public static String of(DemoFleet fleet) {
    String balancer = fleet.balancerUrl();
    String origin = fleet.origin().httpUrl();
    String originRtmp = fleet.origin().rtmpUrl();
    String eu = fleet.edge("eu-1").httpUrl();
    String us = fleet.edge("us-1").httpUrl();
    String euRtmp = fleet.edge("eu-1").rtmpUrl();
    InetSocketAddress dns = fleet.dns();
    String text =
        """

        Sluice is running: one origin, edges eu-1, eu-2 and us-1, one balancer.

          Open      {balancer}/

          Play      ffplay -fflags nobuffer {balancer}/live/demo.flv
                    ffplay {eu-rtmp}/live/demo
                    {balancer}/?over=ws   (in the page, over a WebSocket)
                    vlc {balancer}/vod/demo.flv

          Publish   OBS: server {origin-rtmp}/live   stream key show?key=demo
                    ffmpeg -re -i FILE -c:v libx264 -g 50 -c:a aac -f flv \\
                      '{origin-rtmp}/live/show?key=demo'
                    and play {balancer}/live/show.flv

          Upload    curl -T FILE.flv -H 'Authorization: Bearer demo' {origin}/vod/FILE.flv

          Who is sent where: a client in London, one in the USA
                    curl -sI -H 'X-Forwarded-For: 81.2.69.160'   {balancer}/live/demo.flv
                    curl -sI -H 'X-Forwarded-For: 216.160.83.56' {balancer}/live/demo.flv
                    curl -s '{balancer}/api/route?uri=/live/demo.flv&client=216.160.83.56'
                    kdig @{dns-host} -p {dns-port} +subnet=81.2.69.160/32 cdn.example A +short

          Look      {balancer}/api/fleet   {eu}/api/streams   {us}/metrics

        Ctrl-C stops everything.
        """;
    return text.replace("{balancer}", balancer)
        .replace("{origin-rtmp}", originRtmp)
        .replace("{origin}", origin)
        .replace("{eu-rtmp}", euRtmp)
        .replace("{eu}", eu)
        .replace("{us}", us)
        .replace("{dns-host}", DemoFleet.hostPort(dns).replaceFirst(":\\d+$", ""))
        .replace("{dns-port}", Integer.toString(dns.getPort()));
  }
}
