package dev.sluice.chassis.config;

import java.util.List;
import java.util.stream.Collectors;

/** A configuration that cannot be used, with every fault in it. */
public final class ConfigException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient List<Fault> faults;

  /** One or more faults; the message has one line each. */
  public ConfigException(List<Fault> faults) {
    super(faults.stream().map(Fault::toString).collect(Collectors.joining("\n")));
    this.faults = List.copyOf(faults);
  }

  /** In the order of the file, then the environment's, then what is missing. */
  public List<Fault> faults() {
    return faults;
  }
}
