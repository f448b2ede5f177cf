package dev.sluice.media.live;

import dev.sluice.chassis.config.ByteSize;
import java.time.Duration;

/** The default configuration with some settings changed, for tests. */
final class LiveConfigBuilder {
  private LiveConfig config = LiveConfig.defaults();
  private ByteSize timelineBytes = config.timelineBytes();
  private Duration timelineSpan = config.timelineSpan();
  private ByteSize mediaBudget = config.mediaBudget();
  private Duration maxLag = config.maxLag();
  private Duration stallTimeout = config.stallTimeout();
  private Duration minFlushInterval = config.minFlushInterval();
  private Duration joinWait = config.joinWait();
  private Duration publishHold = config.publishHold();
  private Duration publisherIdle = config.publisherIdle();
  private Duration commandTimeout = config.commandTimeout();
  private int maxConnections = config.maxConnections();
  private int maxConnectionsPerAddress = config.maxConnectionsPerAddress();
  private boolean restartOnCodecChange;
  private Duration publishLead = Duration.ZERO; // tests send as fast as they can

  LiveConfigBuilder timeline(ByteSize bytes, Duration span) {
    timelineBytes = bytes;
    timelineSpan = span;
    return this;
  }

  LiveConfigBuilder mediaBudget(ByteSize value) {
    mediaBudget = value;
    return this;
  }

  LiveConfigBuilder maxLag(Duration value) {
    maxLag = value;
    return this;
  }

  LiveConfigBuilder stallTimeout(Duration value) {
    stallTimeout = value;
    return this;
  }

  LiveConfigBuilder minFlushInterval(Duration value) {
    minFlushInterval = value;
    return this;
  }

  LiveConfigBuilder joinWait(Duration value) {
    joinWait = value;
    return this;
  }

  LiveConfigBuilder publishHold(Duration value) {
    publishHold = value;
    return this;
  }

  LiveConfigBuilder publisherIdle(Duration value) {
    publisherIdle = value;
    return this;
  }

  LiveConfigBuilder commandTimeout(Duration value) {
    commandTimeout = value;
    return this;
  }

  LiveConfigBuilder maxConnections(int value) {
    maxConnections = value;
    return this;
  }

  LiveConfigBuilder maxConnectionsPerAddress(int value) {
    maxConnectionsPerAddress = value;
    return this;
  }

  LiveConfigBuilder publishLead(Duration value) {
    publishLead = value;
    return this;
  }

  LiveConfigBuilder restartOnCodecChange() {
    restartOnCodecChange = true;
    return this;
  }

  LiveConfig build() {
    config =
        new LiveConfig(
            timelineBytes,
            timelineSpan,
            mediaBudget,
            maxLag,
            config.audioOnlyAfter(),
            config.tooSlowAfter(),
            stallTimeout,
            minFlushInterval,
            config.maxFlushInterval(),
            config.flushDuty(),
            joinWait,
            config.tracksWait(),
            publishHold,
            publisherIdle,
            commandTimeout,
            maxConnections,
            maxConnectionsPerAddress,
            publishLead,
            restartOnCodecChange);
    return config;
  }
}
