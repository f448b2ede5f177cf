package dev.sluice.chassis.metrics;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** The manual of the meters, made from the {@link MeterDoc}s themselves. */
public final class MeterReference {
  private MeterReference() {}

  /**
   * A heading and a table.
   *
   * @param title of the section, such as {@code Live streams}
   * @param meters in any order; sorted by name
   */
  public static String markdown(String title, List<? extends MeterDoc> meters) {
    StringBuilder out = new StringBuilder(1024);
    out.append("## ").append(title).append("\n\n");
    out.append("| name | type | tags | meaning |\n|---|---|---|---|\n");
    List<MeterDoc> sorted = new ArrayList<>(meters);
    sorted.sort(Comparator.comparing(MeterDoc::meterName));
    for (MeterDoc meter : sorted) {
      out.append("| `").append(meter.meterName()).append("` | ");
      out.append(meter.type().name().toLowerCase(Locale.ROOT)).append(" | ");
      out.append(String.join(", ", meter.tags())).append(" | ");
      out.append(meter.help().replace("|", "\\|")).append(" |\n");
    }
    return out.toString();
  }

  /** Every name that breaks the naming rule, as a sentence each; empty when all is well. */
  public static List<String> faults(List<? extends MeterDoc> meters) {
    List<String> faults = new ArrayList<>();
    for (MeterDoc meter : meters) {
      String fault = Meters.nameFault(meter);
      if (fault != null) {
        faults.add(fault);
      }
    }
    return faults;
  }
}
