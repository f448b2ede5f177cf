package dev.sluice.chassis.tls;

import java.io.IOException;

/** A certificate or key cannot be used. The message is one sentence for the operator. */
public final class TlsException extends IOException {
  private static final long serialVersionUID = 1L;

  TlsException(String message) {
    super(message);
  }
}
