package io.nioring.cli;

import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** The JVM, and the network of it, that a verb works on. */
final class Target {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Parameters(
      index = "0",
      paramLabel = "PID",
      converter = ProcessNumberConverter.class,
      description = "The number of the JVM's process.")
  String pid;

  @Option(
      names = "--net",
      paramLabel = "NAME",
      description = "The network, if the JVM has several: 'jvm' is that of the whole JVM.")
  String net;

  @Option(
      names = "--load-agent",
      description = {
        "Loads this jar into the JVM if its network is not registered with JMX.",
        "JDK 21 and later print a warning there, and refuse it with"
            + " -XX:-EnableDynamicAgentLoading."
      })
  boolean loadAgent;

  /** Rejects words that are not a process ID. */
  static final class ProcessNumberConverter implements ITypeConverter<String> {
    @Override
    public String convert(String word) {
      if (word.matches("[1-9]\\d{0,9}")) {
        return word;
      }
      throw new TypeConversionException(
          "'" + word + "' is not a process number; 'nioring ps' lists the JVMs");
    }
  }

  /** The chosen network. */
  NetworkBean network(JvmAttachment jvm) {
    List<NetworkBean> networks = registered(jvm);
    if (networks.isEmpty()) {
      throw new CommandFailure(noNetwork(jvm));
    }
    List<NetworkBean> chosen =
        net == null ? networks : networks.stream().filter(each -> each.name().equals(net)).toList();
    if (chosen.size() == 1) {
      return chosen.get(0);
    }
    NetworkBean whole =
        networks.stream()
            .filter(each -> net == null && each.name().equals("jvm"))
            .findFirst()
            .orElseThrow(() -> new CommandFailure(severalNetworks(networks)));
    spec.commandLine()
        .getErr()
        .println("nioring: this is the network jvm; --net chooses one of " + names(networks));
    return whole;
  }

  private static String names(List<NetworkBean> networks) {
    return networks.stream().map(NetworkBean::name).collect(Collectors.joining(", "));
  }

  private List<NetworkBean> registered(JvmAttachment jvm) {
    List<NetworkBean> networks = jvm.networks();
    if (!networks.isEmpty() || !loadAgent) {
      return networks;
    }
    jvm.loadAgent();
    return jvm.networks();
  }

  private String noNetwork(JvmAttachment jvm) {
    return jvm.usesNioring()
        ? "process "
            + pid
            + " uses nioring, but its network is not registered with JMX. Start it with"
            + " -Dnioring.jmx=true ('nioring run --jmx'), call RingNetwork.registerMXBean(), or"
            + " give --load-agent"
        : "process "
            + pid
            + " does not use nioring, as far as its properties tell. Start it with 'nioring run"
            + " --jmx', or with -javaagent:nioring-all.jar=jmx=true";
  }

  private String severalNetworks(List<NetworkBean> networks) {
    return net == null
        ? "process " + pid + " has several networks: choose with --net one of " + names(networks)
        : "process " + pid + " has no network '" + net + "', it has " + names(networks);
  }
}
