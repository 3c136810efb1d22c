package io.nioring.simulation;

import java.util.List;

/**
 * Makes the network of a whole JVM with faults from its properties. Connections over rings have
 * them; those of the kernel have none. Made by reflection, so that nothing of the package is loaded
 * without it.
 */
final class FaultyParts extends SimulationParts {
  private final List<FaultBuilder> faults;

  FaultyParts(String faults, String seed) {
    this(new World(SimulationConfig.builder().seed(parseSeed(seed)).build()), faults);
  }

  private FaultyParts(World world, String faults) {
    super(world);
    this.faults = new FaultText(world).parse(faults);
  }

  private static long parseSeed(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("the seed " + text + " is not a number", e);
    }
  }

  @Override
  public void opened(Providers providers) {
    super.opened(providers);
    faults.forEach(FaultBuilder::install);
  }
}
