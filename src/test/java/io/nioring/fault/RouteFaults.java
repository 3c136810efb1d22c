package io.nioring.fault;

import io.nioring.RingNetwork;
import io.nioring.RingNetworkConfig;
import io.nioring.fault.FaultScript.Setting;
import io.nioring.route.Mode;
import java.util.List;

/** The short way through all operations where routes, and not the mode, decide. */
final class RouteFaults {
  private RouteFaults() {}

  static void add() {
    for (Setting setting :
        List.of(
            setting(Mode.KERNEL, Mode.RING, false),
            setting(Mode.KERNEL, Mode.HYBRID, true),
            setting(Mode.RING, Mode.HYBRID, true),
            setting(Mode.HYBRID, Mode.KERNEL, true))) {
      ChannelFaults.addFew(setting);
      PlainSocketFaults.addFew(setting);
      AsynchronousFaults.addFew(setting);
    }
  }

  private static Setting setting(Mode mode, Mode byRoute, boolean inKernel) {
    RingNetworkConfig config =
        RingNetworkConfig.builder()
            .mode(mode)
            .routes("tcp:*:*=" + byRoute.name() + "; unix:*=" + byRoute.name())
            .build();
    return new Setting(mode + " but " + byRoute, () -> RingNetwork.open(config), inKernel);
  }
}
