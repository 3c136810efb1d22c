package io.nioring.consumer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.snmp4j.CommandResponder;
import org.snmp4j.CommandResponderEvent;
import org.snmp4j.CommunityTarget;
import org.snmp4j.MessageException;
import org.snmp4j.PDU;
import org.snmp4j.Snmp;
import org.snmp4j.TransportMapping;
import org.snmp4j.event.ResponseEvent;
import org.snmp4j.mp.SnmpConstants;
import org.snmp4j.mp.StatusInformation;
import org.snmp4j.smi.Address;
import org.snmp4j.smi.OID;
import org.snmp4j.smi.OctetString;
import org.snmp4j.smi.TransportIpAddress;
import org.snmp4j.smi.VariableBinding;

/**
 * An SNMP4J agent and its managers, over one of its transports.
 *
 * @param <A> the addresses of the transport
 */
public abstract class SnmpContract<A extends TransportIpAddress> {
  private static final int REQUESTS = 300;
  private static final int SMALLEST_MESSAGE_BYTES = 40;
  private static final int LARGE_REQUESTS = 20;
  private static final int LARGEST = 65_535;

  private final int managerCount;
  private final int largeBytes;
  private final List<Snmp> managers = new ArrayList<>();
  private Wire wire;
  private Snmp agent;
  private CommunityTarget<A> target;

  /**
   * Makes the test of a transport.
   *
   * @param managerCount how many managers there are at once
   * @param largeBytes the size of a large request, which the transport can carry
   */
  protected SnmpContract(int managerCount, int largeBytes) {
    this.managerCount = managerCount;
    this.largeBytes = largeBytes;
  }

  /** An address of the transport. */
  protected abstract A address(InetAddress host, int port);

  /** The agent's transport, bound to an address. */
  protected abstract TransportMapping<A> transport(A address) throws IOException;

  /** A manager's transport. */
  protected abstract TransportMapping<A> transport() throws IOException;

  /** Checks that the network has carried at least this much, and the kernel nothing. */
  protected abstract void carried(Wire network, int connections, long bytes)
      throws InterruptedException;

  @BeforeEach
  void start() throws IOException {
    wire = Wire.watch();
    A address = address(Loopback.address(), FreePort.find());
    agent = new Snmp(transport(address));
    agent.addCommandResponder(new Echo());
    agent.listen();
    target = new CommunityTarget<>(address, new OctetString("public"));
    target.setVersion(SnmpConstants.version2c);
    target.setTimeout(60_000);
    target.setRetries(0);
    target.setMaxSizeRequestPDU(LARGEST);
  }

  @AfterEach
  void stop() throws Exception {
    for (Snmp manager : managers) {
      manager.close();
    }
    agent.close();
    wire.close();
  }

  @Test
  void smallRequests() throws Exception {
    Snmp manager = manager();
    for (int i = 0; i < REQUESTS; i++) {
      assertEchoed(manager, ("no" + i).getBytes(StandardCharsets.US_ASCII));
    }
    carried(wire, 1, 2L * REQUESTS * SMALLEST_MESSAGE_BYTES);
  }

  @Test
  void largeRequests() throws Exception {
    Snmp manager = manager();
    byte[] body = Payload.ofSize(largeBytes);
    for (int i = 0; i < LARGE_REQUESTS; i++) {
      assertEchoed(manager, body);
    }
    carried(wire, 1, 2L * LARGE_REQUESTS * body.length);
  }

  @Test
  void manyManagersAtOnce() throws Exception {
    byte[] body = Payload.ofSize(1_000);
    for (int i = 0; i < managerCount; i++) {
      assertEchoed(manager(), body);
    }
    for (Snmp manager : managers) {
      assertEchoed(manager, body);
    }
    carried(wire, managerCount, 4L * managerCount * body.length);
  }

  private Snmp manager() throws IOException {
    Snmp manager = new Snmp(transport());
    managers.add(manager);
    manager.listen();
    return manager;
  }

  private void assertEchoed(Snmp manager, byte[] body) throws IOException {
    PDU request = new PDU();
    request.setType(PDU.GET);
    request.add(new VariableBinding(new OID("1.3.6.1.2.1.1.1.0"), new OctetString(body)));
    ResponseEvent<A> event = manager.send(request, target);
    assertNotNull(event.getResponse(), () -> "no response, " + event.getError());
    OctetString echoed = (OctetString) event.getResponse().get(0).getVariable();
    assertArrayEquals(body, echoed.getValue());
  }

  /** Answers each request with its own bindings. */
  private static final class Echo implements CommandResponder {
    @Override
    public <T extends Address> void processPdu(CommandResponderEvent<T> event) {
      PDU response = event.getPDU();
      response.setType(PDU.RESPONSE);
      try {
        event
            .getMessageDispatcher()
            .returnResponsePdu(
                event.getMessageProcessingModel(),
                event.getSecurityModel(),
                event.getSecurityName(),
                event.getSecurityLevel(),
                response,
                LARGEST,
                event.getStateReference(),
                new StatusInformation());
      } catch (MessageException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
