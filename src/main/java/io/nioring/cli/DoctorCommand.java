package io.nioring.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Explains why connections of a program are not over rings. */
@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    description = "Says why connections of a program go through the kernel.",
    footer = {
      "%nLooks at the program's properties, its network, and, on Linux, at its sockets in /proc.",
      "--json: check, level (ok, note, problem), text.",
      "The exit status is 1 if there is a problem."
    })
final class DoctorCommand implements Callable<Integer> {
  private static final String PROVIDER_KEY = "java.nio.channels.spi.SelectorProvider";

  @Mixin private Target target;
  @Mixin private Output output;

  private static final String UNREGISTERED =
      "the networks are not registered with JMX, so that they cannot be seen from here: call their"
          + " registerMXBean()";

  private boolean hasProblem;

  @Override
  public Integer call() {
    try (JvmAttachment jvm = JvmAttachment.to(target.pid)) {
      NetworkBean network = null;
      String absence = null;
      try {
        network = target.network(jvm);
      } catch (CommandFailure e) {
        if (JvmAttachment.hasEnded(target.pid)) {
          throw e;
        }
        absence = e.getMessage();
      }
      boolean hasObjects = network != null || (!isOurs(jvm) && jvm.hasLoadedNioring());
      checkProvider(jvm, hasObjects);
      if (network == null) {
        say("network", "note", hasObjects ? UNREGISTERED : absence);
        checkMode(isOurs(jvm) ? jvm.property("nioring.mode", "hybrid") : "");
        checkKernel(List.of(), reason(jvm, null));
      } else {
        checkKernel(checkNetwork(network), reason(jvm, network));
      }
    }
    return hasProblem ? 1 : 0;
  }

  private void say(String check, String level, String text) {
    hasProblem |= level.equals("problem");
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("check", check);
    row.put("level", level);
    row.put("text", text);
    output.print(row, String.format("%-8s %-9s %s", level, check, text));
  }

  private static boolean isOurs(JvmAttachment jvm) {
    return jvm.property(PROVIDER_KEY, "").startsWith("io.nioring.");
  }

  private void checkMode(String mode) {
    if (mode.equals("kernel")) {
      say("mode", "problem", "in mode kernel all goes through the kernel, but for routes");
    }
  }

  /** Why sockets whose two ends are in the JVM may be in the kernel; empty if it was said. */
  private static String reason(JvmAttachment jvm, NetworkBean network) {
    String mode = network == null ? jvm.property("nioring.mode", "hybrid") : network.text("Mode");
    if (!isOurs(jvm) || mode.equals("kernel")) {
      return "";
    }
    return ". They were made by something that asks no provider: a native transport (Netty's epoll"
        + " or io_uring), plain sockets or asynchronous channels without the agent, or they are"
        + " older than the listener's part on rings";
  }

  private void checkProvider(JvmAttachment jvm, boolean hasObjects) {
    String provider = jvm.property(PROVIDER_KEY, "");
    if (isOurs(jvm)) {
      say(
          "provider",
          "ok",
          "channels are nioring's, mode "
              + jvm.property("nioring.mode", "hybrid")
              + ", Java "
              + jvm.property("java.version", "unknown"));
    } else if (provider.isEmpty() && hasObjects) {
      say(
          "provider",
          "note",
          "the JVM has the platform's SelectorProvider: only what is opened by the provider of a"
              + " RingNetwork object is over rings");
    } else if (provider.isEmpty()) {
      say(
          "provider",
          "problem",
          "the JVM has the platform's SelectorProvider: start it with -javaagent:nioring-all.jar or"
              + " -D"
              + PROVIDER_KEY
              + "=io.nioring.RingSelectorProvider (RingNetwork objects do not need it)");
    } else {
      say("provider", "problem", "the JVM's SelectorProvider is " + provider);
    }
  }

  /** Reports on the network; returns its sockets that are connected through the kernel. */
  private List<Map<String, Object>> checkNetwork(NetworkBean network) {
    say(
        "network",
        "ok",
        Units.counted(network.number("RingConnections"), "connection")
            + " over rings so far, "
            + network.number("KernelConnections")
            + " through the kernel");
    String routes = network.text("Routes");
    if (!routes.isEmpty()) {
      say("routes", "note", "routes come before the mode: " + routes);
    }
    checkMode(network.text("Mode"));
    List<Map<String, Object>> throughKernel =
        network.connections("").stream()
            .filter(row -> "kernel".equals(row.get("route")))
            .filter(row -> !"LISTEN".equals(row.get("state")))
            .toList();
    for (Map<String, Object> row : throughKernel) {
      say("socket", "note", explain(row, routes));
    }
    return throughKernel;
  }

  private static String explain(Map<String, Object> row, String routes) {
    String ends = row.get("local") + " to " + row.get("peer");
    return ends
        + " goes through the kernel: when it connected nobody in this JVM listened there over a"
        + " ring"
        + (routes.isEmpty() ? "" : ", or a route says so");
  }

  private void checkKernel(List<Map<String, Object>> known, String reason) {
    List<KernelTable.Socket> sockets = KernelTable.establishedWithOthers(target.pid);
    if (sockets == null) {
      say("kernel", "note", "the process's sockets in the kernel cannot be seen");
      return;
    }
    say(
        "kernel",
        "ok",
        Units.counted(sockets.size(), "established TCP socket")
            + ", "
            + known.size()
            + " of them nioring's clients");
    List<KernelTable.Socket> both = KernelTable.withBothEnds(sockets);
    if (!both.isEmpty()) {
      say(
          "kernel",
          "problem",
          both.size()
              + " of these have their peer in the same JVM (ports "
              + ports(both)
              + ")"
              + reason);
    }
  }

  /** The first ports, in order. */
  private static String ports(List<KernelTable.Socket> sockets) {
    return sockets.stream()
        .map(KernelTable.Socket::port)
        .collect(Collectors.toCollection(TreeSet::new))
        .stream()
        .limit(10)
        .map(String::valueOf)
        .collect(Collectors.joining(", "));
  }
}
