package io.nioring.cli;

import com.sun.tools.attach.AgentInitializationException;
import com.sun.tools.attach.AgentLoadException;
import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import com.sun.tools.attach.VirtualMachineDescriptor;
import io.nioring.RingNetwork;
import io.nioring.agent.RingAgent;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;
import javax.management.JMException;
import javax.management.JMRuntimeException;
import javax.management.MBeanServerConnection;
import javax.management.MalformedObjectNameException;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/**
 * Another JVM of the same user on this machine: its properties, and the MBeans of its networks.
 *
 * <p>{@link #close} ends the attachment; the JDK's agent for local JMX clients, which it has
 * started there, stays and is used again.
 */
final class JvmAttachment implements AutoCloseable {
  private static final Pattern NESTED =
      Pattern.compile("(; nested exception is: )?\\R.*", Pattern.DOTALL);
  private static final String PROVIDER_KEY = "java.nio.channels.spi.SelectorProvider";

  private final String pid;
  private final VirtualMachine machine;
  private final Properties properties;
  private JMXConnector connector;

  private JvmAttachment(String pid, VirtualMachine machine, Properties properties) {
    this.pid = pid;
    this.machine = machine;
    this.properties = properties;
  }

  /**
   * Attaches to a JVM.
   *
   * @throws CommandFailure if that is not possible; the message says why
   */
  static JvmAttachment to(String pid) {
    return Answers.of(pid, () -> attach(pid));
  }

  /** Attaches to each other JVM in turn, except those that have ended or do not allow it. */
  static void toOthers(BiConsumer<VirtualMachineDescriptor, JvmAttachment> action) {
    String self = Long.toString(ProcessHandle.current().pid());
    for (VirtualMachineDescriptor each : VirtualMachine.list()) {
      if (!each.id().equals(self)) {
        try (JvmAttachment jvm = to(each.id())) {
          action.accept(each, jvm);
        } catch (CommandFailure e) {
          // It is left out.
        }
      }
    }
  }

  private static JvmAttachment attach(String pid) {
    if (QuitSignal.wouldEnd(pid)) {
      throw new CommandFailure(
          "process "
              + pid
              + " is not a JVM, or has just been started; 'nioring ps' lists the JVMs");
    }
    VirtualMachine machine = null;
    try {
      machine = VirtualMachine.attach(pid);
      return new JvmAttachment(pid, machine, machine.getSystemProperties());
    } catch (AttachNotSupportedException | IOException e) {
      detach(machine);
      throw new CommandFailure(explain(pid, e), e);
    }
  }

  /** The JDK's message with an explanation. */
  private static String explain(String pid, Exception failure) {
    if (hasEnded(pid)) {
      return "there is no process " + pid + "; 'nioring ps' lists the JVMs";
    }
    return "cannot attach to process "
        + pid
        + ": "
        + failure.getMessage()
        + ". A JVM lets programs of its own user attach, in the same container, unless it was"
        + " started with -XX:+DisableAttachMechanism";
  }

  /** Whether the JVM was started with nioring, according to its properties. */
  boolean usesNioring() {
    return properties.getProperty(PROVIDER_KEY, "").startsWith("io.nioring.")
        || properties.stringPropertyNames().stream().anyMatch(key -> key.startsWith("nioring."));
  }

  /**
   * Whether it was started with its networks registered, or has loaded our agent for that:
   * otherwise a query would start the JMX agent there.
   */
  boolean showsNetworks() {
    return Boolean.parseBoolean(properties.getProperty("nioring.jmx"))
        || Boolean.parseBoolean(properties.getProperty(RingAgent.OBSERVED_KEY));
  }

  /** A system property of the JVM. */
  String property(String key, String otherwise) {
    return properties.getProperty(key, otherwise);
  }

  /**
   * The networks of the JVM that are registered with JMX.
   *
   * @throws CommandFailure if the connection fails
   */
  List<NetworkBean> networks() {
    return Answers.of(pid, this::queryNetworks);
  }

  /**
   * Whether the JVM has loaded the class of networks, by the command {@code VM.class_hierarchy} of
   * {@code jcmd}; false if it does not tell.
   */
  boolean hasLoadedNioring() {
    return Answers.of(pid, this::queryClass);
  }

  private boolean queryClass() {
    try {
      Object classes =
          connect()
              .getMBeanServerConnection()
              .invoke(
                  new ObjectName("com.sun.management:type=DiagnosticCommand"),
                  "vmClassHierarchy",
                  new Object[] {new String[] {RingNetwork.class.getName()}},
                  new String[] {String[].class.getName()});
      return classes.toString().contains(RingNetwork.class.getName());
    } catch (IOException | JMException | JMRuntimeException e) {
      return false;
    }
  }

  private List<NetworkBean> queryNetworks() {
    try {
      MBeanServerConnection server = connect().getMBeanServerConnection();
      Set<ObjectName> names =
          server.queryNames(new ObjectName("io.nioring:type=RingNetwork,*"), null);
      List<NetworkBean> networks = new ArrayList<>();
      for (ObjectName name : names) {
        networks.add(new NetworkBean(server, name));
      }
      networks.sort((a, b) -> a.name().compareTo(b.name()));
      return networks;
    } catch (IOException | MalformedObjectNameException e) {
      throw new CommandFailure(
          hasEnded(pid)
              ? "process " + pid + " has ended"
              : "cannot talk to process " + pid + ": " + reason(e),
          e);
    }
  }

  /** What has failed, in one line: RMI's messages go on with the cause's in the next one. */
  static String reason(Exception failure) {
    String message = Objects.requireNonNullElse(failure.getMessage(), "");
    String line = NESTED.matcher(message).replaceFirst("").strip();
    return line.isEmpty() ? failure.getClass().getName() : line;
  }

  /** Whether there is no such process any more. */
  static boolean hasEnded(String pid) {
    return ProcessHandle.of(Long.parseLong(pid)).isEmpty();
  }

  @SuppressWarnings("BanJNDI") // the address is what the JVM of our own user has told us
  private JMXConnector connect() throws IOException {
    if (connector == null) {
      connector =
          JMXConnectorFactory.connect(new JMXServiceURL(machine.startLocalManagementAgent()));
    }
    return connector;
  }

  /**
   * Makes the JVM register its network, by loading this jar there as an agent.
   *
   * @throws CommandFailure if the JVM refuses, or does not use nioring
   */
  void loadAgent() {
    try {
      machine.loadAgent(ownJar().toString(), "observe");
    } catch (AgentInitializationException e) {
      throw new CommandFailure(
          "process " + pid + " has no network of nioring for the whole JVM", e);
    } catch (AgentLoadException | IOException e) {
      throw new CommandFailure("process " + pid + " does not load the agent: " + e.getMessage(), e);
    }
  }

  /** The jar of this program. */
  static Path ownJar() {
    try {
      Path place =
          Path.of(JvmAttachment.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      if (place.toString().endsWith(".jar")) {
        return place.toAbsolutePath();
      }
      throw new CommandFailure("this needs nioring-all.jar, and runs from " + place);
    } catch (URISyntaxException e) {
      throw new CommandFailure("this needs nioring-all.jar", e);
    }
  }

  private static void detach(VirtualMachine machine) {
    if (machine != null) {
      try {
        machine.detach();
      } catch (IOException e) {
        // It is gone.
      }
    }
  }

  @Override
  public void close() {
    if (connector != null) {
      try {
        connector.close();
      } catch (IOException e) {
        // It is gone.
      }
    }
    detach(machine);
  }
}
