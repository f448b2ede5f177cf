package dev.sluice.lab.bench;

import java.util.List;

/** An endless stream to publish, in the order of sending. One thread. */
sealed interface FrameSource permits SyntheticStream, ClipStream {

  /** Metadata and sequence headers, sent before all else at time 0. */
  List<Frame> headers();

  /** The next frame; its timestamp, counted from 0, is also when it is due. */
  Frame next();
}
