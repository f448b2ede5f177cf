package dev.sluice.lab.bench;

import java.nio.ByteBuffer;

/** How a viewer asks for the stream and takes the answer apart; pure, confined to its loop. */
sealed interface PlayProtocol permits RtmpPlay, FlvPlay, WsPlay {

  /** What a protocol tells its viewer. */
  interface Peer extends MediaSink {
    void send(byte[] bytes);

    void fail(String reason);
  }

  /** The one that a URL asks for. */
  static PlayProtocol of(StreamUrl url, Peer peer) {
    return switch (url.scheme()) {
      case RTMP -> new RtmpPlay(url, peer);
      case HTTP, HTTPS -> new FlvPlay(url, peer);
      case WS, WSS -> new WsPlay(url, peer);
    };
  }

  /** The connection stands: ask. */
  void connected();

  /** Consumes all that came; may end anywhere. */
  void receive(ByteBuffer in);

  /** What is being waited for, for the reason of a viewer that never started. */
  String stage();

  /** Tells the server how much has come, which also shows that the viewer lives. */
  void acknowledge(long bytes);

  /** After how many bytes the server wants to be told. */
  long acknowledgeEvery();
}
